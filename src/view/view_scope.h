/* SPDX-License-Identifier: MIT
 *
 * What the faces of this room may ask about the scope that they share. The rest of it is in view.h.
 */
#ifndef THAWLINE_VIEW_VIEW_SCOPE_H
#define THAWLINE_VIEW_VIEW_SCOPE_H

#include "view/view.h"

/* Whether the session is a restore. Any time. */
bool view_scope_is_restore(const struct view_scope *scope);

/* The event whose handler is running; EVENT_NONE in a requestor's scope and in one that was closed.
   To be called between view_scope_enter and view_scope_leave, and true until the latter. */
enum vss_event view_scope_event(const struct view_scope *scope);

#endif
