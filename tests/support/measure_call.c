/* SPDX-License-Identifier: MIT
 *
 * A call that looks at the stack pointer. See measure_call.h.
 */
#include "support/measure_call.h"

#ifdef __i386__

__asm__(".globl _measure_call\n"
        "_measure_call:\n"
        "  pushl %ebp\n"
        "  movl %esp, %ebp\n"
        "  pushl %esi\n"
        "  pushl %edi\n"
        "  movl 16(%ebp), %esi\n"
        "  movl 20(%ebp), %edi\n"
        "1:\n"
        "  testl %edi, %edi\n"
        "  jz 2f\n"
        "  decl %edi\n"
        "  pushl (%esi,%edi,4)\n"
        "  jmp 1b\n"
        "2:\n"
        "  movl %esp, %edi\n"
        "  movl 12(%ebp), %ecx\n"
        "  call *8(%ebp)\n"
        "  movl %esp, %ecx\n"
        "  subl %edi, %ecx\n"
        "  movl 24(%ebp), %edx\n"
        "  movl %ecx, (%edx)\n"
        "  leal -8(%ebp), %esp\n"
        "  popl %edi\n"
        "  popl %esi\n"
        "  popl %ebp\n"
        "  ret\n");

#endif
