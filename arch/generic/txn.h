/* SPDX-License-Identifier: MIT
 * Any other CPU: no transactional fork. See ../port.h. */
#ifndef VS_ARCH_TXN_H
#define VS_ARCH_TXN_H

#define VS_ARCH_TXN 0

#endif
