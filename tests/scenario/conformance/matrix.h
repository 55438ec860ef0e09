/* SPDX-License-Identifier: MIT
 *
 * The method table of the contract (requestor 1.7) as a matrix: what each row's call is
 * (matrix_calls.c), and how an object is brought to each station (matrix.c).
 */
#ifndef THAWLINE_TESTS_CONFORMANCE_MATRIX_H
#define THAWLINE_TESTS_CONFORMANCE_MATRIX_H

#include "conformance.h"

#define MATRIX_ROWS 64

/* The row's method with good arguments for the cast of the suite. What it gives is freed; an
   operation that it starts is waited for. */
HRESULT matrix_call(struct fixture *fixture, int row);
const char *matrix_method(int row);

#endif
