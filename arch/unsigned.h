/* SPDX-License-Identifier: MIT
 * For context.h of a CPU that does not sign return addresses, and whose frames
 * do not tell where they end. See port.h. */
#ifndef VS_ARCH_UNSIGNED_H
#define VS_ARCH_UNSIGNED_H

#include <stdint.h>

#define VS_SIGNED_CODE 0

static inline uintptr_t vs_frame_above(uintptr_t at, uintptr_t below)
{
	(void)at;
	(void)below;
	return 0;
}

static inline uintptr_t vs_code_address(uintptr_t address)
{
	return address;
}

#endif
