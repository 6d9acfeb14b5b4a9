/* SPDX-License-Identifier: MIT
 * memory/app_marks.c, made of what it needs. */
#ifndef TEST_UNIT_APP_MARKS_H
#define TEST_UNIT_APP_MARKS_H

#include <pthread.h>

#include "kernel/task/aside.h"
#include "memory/app_marks.h"
#include "memory/internal.h"
#include "unit.h"

/* Of which thread the calling one does the work. */
static _Thread_local long aside_of;

long vs_aside_of(void)
{
	return aside_of;
}

/* One page, by its number. */
static UNUSED void mark_page(uintptr_t page)
{
	vs_app_marks_add(VS_MARK_DONTFORK, page << 12, (page + 1) << 12);
}

#endif
