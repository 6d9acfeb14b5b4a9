/* SPDX-License-Identifier: MIT
 *
 * The parent's stack after a sharing child, while other threads may have
 * written to objects on it.
 *
 * Frames that the child has left by returning are dead to it: what is there
 * now is rubbish, and all of it is put back. The lowest frame that the child
 * has stayed in it has worked with, and the compiler may have kept a variable
 * of the child's branch where one of the parent's was: that, too, is put back,
 * unless other threads write to it. What is above holds what it should and
 * what other threads have stored meanwhile, and is not touched.
 *
 * How far the child has returned: the frames at the time of the fork are known
 * from unwinding, and each has a return address, which nothing overwrites
 * while the frame lives. The child's own calls leave such addresses, too, and
 * nothing below one was alive. The entry points through which it leaves report
 * their caller's stack pointer. (A frame left and entered again by the same
 * call instruction goes unnoticed.)
 *
 * Other threads are known to write to a frame when it changes while the child
 * runs none of the application's code: between the copy and its start, or
 * after its exec. Then it is left alone, this time and always. The limits of
 * all this: what another thread writes to that lowest frame before it was ever
 * seen to write there, or to frames that the child has left, is lost; and what
 * the child writes to variables beside objects of other threads stays.
 */
#include "share/internal.h"

#if VS_ARCH_SHARE

enum { WORD = sizeof(uintptr_t) };

static uintptr_t live(uintptr_t at)
{
	return *(volatile uintptr_t *)at;
}

static uintptr_t copied(const struct vs_share *s, uintptr_t at)
{
	return *(const uintptr_t *)(s->copy + (at - s->sp));
}

/* Up to the thread's first function, or as far as is known. Our own functions
 * are compiled to have frame pointers, which is the quick way through them. */
void vs_share_find_frames(struct vs_share *s)
{
	const uintptr_t *fp = __builtin_frame_address(0);
	struct vs_frame frame = {0};

	s->frames = 0;
	s->left = false;
	fp = vs_entry_frame(fp, s->cfa);
	if (!fp)
		return;
	frame.fp = fp[VS_FRAME_FP];
	frame.pc = vs_code_address(fp[VS_FRAME_RA]);
	frame.sp = s->cfa;
	frame.top = s->top;
	while (s->frames < VS_SHARE_FRAMES && vs_unwind(&frame, &s->cache))
		s->frame[s->frames++] = frame;
}

/* Words above cfa of which a copy is kept, to see what other threads change. */
static uintptr_t sampled(const struct vs_share *s)
{
	uintptr_t size = s->frames ? s->frame[s->frames - 1].sp - s->cfa : 0;

	return (size < VS_SHARE_SAMPLE ? size : VS_SHARE_SAMPLE) / WORD;
}

static void sample(const struct vs_share *s, uintptr_t *to)
{
	for (uintptr_t i = 0, n = sampled(s); i < n; i++)
		to[i] = live(s->cfa + i * WORD);
}

void vs_share_starts(struct vs_share *s)
{
	sample(s, s->early);
}

static void leaves(struct vs_share *s)
{
	sample(s, s->late);
	s->left = true;
}

void vs_share_report(uintptr_t cfa)
{
	struct vs_share *s = vs_sharing;

	if (cfa > s->reported && cfa > s->sp && cfa < s->top)
		s->reported = cfa;
	if (!s->alone)
		leaves(s);
}

/* A word of a frame that the child is in, changed by another thread. */
static bool is_foreign(const struct vs_share *s, uintptr_t at)
{
	uintptr_t i = (at - s->cfa) / WORD;

	if (i >= sampled(s))
		return false;
	return s->early[i] != copied(s, at) ||
	       (s->left && s->late[i] != live(at));
}

/* Frames that other threads were seen to write to, by end and code. One that
 * falls out of the table is seen again soon. */
enum { WRITTEN_BITS = 6 };
static _Atomic uintptr_t written[1 << WRITTEN_BITS];

static bool others_write_to(const struct vs_share *s, uintptr_t from,
			    const struct vs_frame *frame)
{
	const uintptr_t mix = (uintptr_t)0x9e3779b97f4a7c15;
	uintptr_t key = (frame->sp ^ frame->pc * mix) | 1;
	_Atomic uintptr_t *entry = &written[key >> (8 * WORD - WRITTEN_BITS)];

	if (*entry == key)
		return true;
	for (uintptr_t at = from; at < frame->sp; at += WORD) {
		if (is_foreign(s, at)) {
			*entry = key;
			return true;
		}
	}
	return false;
}

/* In a function of one of the objects whose functions are on the stack. */
static bool is_return_address(const struct vs_share *s, uintptr_t value)
{
	const struct vs_text *last = NULL;

	for (int i = 0; i < s->frames; i++) {
		const struct vs_text *text = &s->frame[i].text;

		if (last && last->start == text->start)
			continue;
		if (vs_within_function(text, value))
			return true;
		last = text;
	}
	return false;
}

/* A frame has been left if its return address has changed, or lies in what is
 * dead. */
static uintptr_t frames_below(const struct vs_share *s, uintptr_t end)
{
	for (int i = 0; i < s->frames; i++) {
		const struct vs_frame *frame = &s->frame[i];

		if (frame->sp > end &&
		    (frame->ra_at < end ||
		     live(frame->ra_at) != copied(s, frame->ra_at)))
			end = frame->sp;
	}
	return end;
}

/* The address below which the child has left every frame. */
static uintptr_t end_of_dead(const struct vs_share *s)
{
	uintptr_t end = s->reported > s->cfa ? s->reported : s->cfa;
	uintptr_t top = s->top, frame;

	if (s->frames) /* above there are no return addresses */
		top = s->frame[s->frames - 1].sp;
	end = frames_below(s, end);
	for (uintptr_t at = end; at < top; at += WORD) {
		uintptr_t value = live(at);

		if (value == copied(s, at) ||
		    !is_return_address(s, vs_code_address(value)))
			continue;
		frame = vs_frame_above(at, live(at - WORD));
		end = frame > at && frame <= top ? frame : at + WORD;
	}
	return frames_below(s, end);
}

/* Words that did not change are not written: another thread may be about to. */
static void restore(const struct vs_share *s, uintptr_t from, uintptr_t to)
{
	for (uintptr_t at = from; at < to; at += WORD) {
		if (live(at) != copied(s, at))
			*(volatile uintptr_t *)at = copied(s, at);
	}
}

void vs_share_restore_among_threads(struct vs_share *s)
{
	uintptr_t dead = end_of_dead(s);

	restore(s, s->sp, dead);
	for (int i = 0; i < s->frames; i++) {
		const struct vs_frame *frame = &s->frame[i];

		if (frame->sp <= dead)
			continue;
		if (!others_write_to(s, dead, frame))
			restore(s, dead, frame->sp);
		break;
	}
}

#endif
