/* SPDX-License-Identifier: MIT
 * The child that exits at once. Linked statically where possible, so that
 * neither the loader nor a preloaded library adds to what is measured. */
int main(void)
{
	return 0;
}
