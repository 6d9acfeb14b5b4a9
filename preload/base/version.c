/* SPDX-License-Identifier: MIT
 *
 * The version, as an ELF note, which can be read from the file and from a
 * process that has mapped it, and without running anything: readelf -n.
 * scripts/doctor/program/image.c reads it.
 */
#include <stdint.h>

/* The Makefile says it. */
#ifndef VS_VERSION
#	define VS_VERSION "unknown"
#endif

/* Elf32_Nhdr and what follows it, on all CPUs; sizes are those of the texts. */
static const struct {
	uint32_t name_size, text_size, type;
	char name[8];
	char text[sizeof(VS_VERSION)];
} note __attribute__((used, section(".note.vspawn"), aligned(4))) = {
	sizeof("vspawn"), sizeof(VS_VERSION), 1, "vspawn", VS_VERSION};
