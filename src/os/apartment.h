/* SPDX-License-Identifier: MIT
 *
 * The multithreaded apartment of the process, kept alive without a thread of ours in it. While it
 * is held, every thread that has never called CoInitializeEx belongs to it. Any thread.
 */
#ifndef THAWLINE_OS_APARTMENT_H
#define THAWLINE_OS_APARTMENT_H

#include "base/types.h"

/* What apartment_drop takes back. NULL when this system can't hold it (Windows 7) or memory is
   exhausted: then a thread that needs COM has to enter the apartment itself. Code that keeps
   objects of the apartment from one pool call to the next holds it meanwhile. */
void *apartment_hold(void);
void apartment_drop(void *held); /* accepts NULL */

#endif
