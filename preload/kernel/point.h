/* SPDX-License-Identifier: MIT
 *
 * Clock points: where the time of one fork() goes, for bench --where. They are
 * there only in a library that is built for it, with -DVS_CLOCK; else nothing
 * is. Parent and child write the time into memory that both share.
 */
#ifndef VS_POINT_H
#define VS_POINT_H

#ifdef VS_CLOCK
enum vs_point {
#	define POINT(name, whose, what) VS_AT_##name,
#	include "kernel/point.def"
#	undef POINT
};

/* This point has been reached now. VS_AT_begin begins a new list. */
void vs_point(enum vs_point point);

/* Appends the list to the file that VSPAWN_CLOCK names, if any. */
void vs_points_write(void);

#	define VS_POINT(name)	  vs_point(VS_AT_##name)
#	define VS_POINTS_WRITE() vs_points_write()
#else
#	define VS_POINT(name)	  ((void)0)
#	define VS_POINTS_WRITE() ((void)0)
#endif

#endif
