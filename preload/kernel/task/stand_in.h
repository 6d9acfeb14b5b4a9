/* SPDX-License-Identifier: MIT
 *
 * A child that takes the place of one that has died: of that the program could
 * not see anything, with no exit signal, but it has to see its end. The
 * stand-in dies at once, in the same way.
 */
#ifndef VS_STAND_IN_H
#define VS_STAND_IN_H

/* Makes it, an ordinary child with exit signal SIGCHLD, whose wait status is
 * `status`, but for the mark of a core dump. All signals must be blocked.
 * Returns its pid or -errno. */
long vs_stand_in(int status);

#endif
