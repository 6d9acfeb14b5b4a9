/* SPDX-License-Identifier: MIT
 * Small files of /proc. Raw system calls only; for a moment there is a
 * descriptor in the table of who calls this. */
#ifndef VS_PROC_READ_H
#define VS_PROC_READ_H

/* A whole small file of /proc into `buf`, NUL-terminated, cut off if it is
 * larger. Its length, or -errno. */
long vs_proc_read(const char *path, char *buf, unsigned size);

#endif
