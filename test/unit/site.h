/* SPDX-License-Identifier: MIT
 * What tests of the table of call sites share. */
#ifndef TEST_UNIT_SITE_H
#define TEST_UNIT_SITE_H

#include "txn/record/site.h"
#include "unit.h"

static uintptr_t caller(unsigned i)
{
	return 0x555500001234 + i * (uintptr_t)0x40;
}

#endif
