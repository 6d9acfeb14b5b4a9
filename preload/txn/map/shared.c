/* SPDX-License-Identifier: MIT
 * See shared.h. Raw system calls only. */
#include "txn/map/shared.h"

#include "base/compiler.h"
#include "base/image.h"

/* Beyond it the child asks the kernel. */
enum { MAX_SHARED = 128 };

static struct {
	int count;
	bool more;
} list VS_HOT;
static struct vs_range range[MAX_SHARED] VS_HOT;

void vs_shared_none(void)
{
	list.count = 0;
	list.more = false;
}

void vs_shared_note(const struct vs_range *at)
{
	struct vs_range image = vs_image();

	if (vs_range_has(&image, at->lo))
		return;
	if (list.count && range[list.count - 1].hi == at->lo)
		range[list.count - 1].hi = at->hi;
	else if (list.count < MAX_SHARED)
		range[list.count++] = *at;
	else
		list.more = true;
}

void vs_shared_more(void)
{
	list.more = true;
}

bool vs_shared_is_more(void)
{
	return list.more;
}

int vs_shared_count(void)
{
	return list.count;
}

const struct vs_range *vs_shared(int i)
{
	return &range[i];
}

bool vs_shared_meets(uintptr_t addr, uintptr_t len)
{
	return vs_range_any(range, list.count, addr, len);
}
