/* SPDX-License-Identifier: MIT
 * What the compiler is told about functions and data of this library. */
#ifndef VS_COMPILER_H
#define VS_COMPILER_H

/* The symbol can be seen from outside; everything else is hidden. */
#define VS_EXPORT __attribute__((visibility("default")))

/* What every fork writes to lies together, and big data apart: each page that
 * is written to then is copied once in the parent, or once in the child. */
#define VS_HOT __attribute__((section(".data.vs_hot")))
#define VS_BIG __attribute__((section(".bss.vs_big")))

/* Thread-local data is reached without a call of __tls_get_addr(), which
 * allocates. The library is in LD_PRELOAD, so the static block has room. */
#define VS_THREAD __thread __attribute__((tls_model("initial-exec")))

#define vs_likely(x)   __builtin_expect(!!(x), 1)
#define vs_unlikely(x) __builtin_expect(!!(x), 0)

#define VS_COUNT(array) (sizeof(array) / sizeof(*(array)))

#endif
