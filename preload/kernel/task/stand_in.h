/* SPDX-License-Identifier: MIT
 *
 * A child that dies at once, as another has: for one that the program could not
 * see and that it has to see the end of.
 */
#ifndef VS_STAND_IN_H
#define VS_STAND_IN_H

/* Makes it, an ordinary child with exit signal SIGCHLD, whose wait status is
 * `status`, but for the mark of a core dump. All signals must be blocked.
 * Returns its pid or -errno. */
long vs_stand_in(int status);

#endif
