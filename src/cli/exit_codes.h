/* SPDX-License-Identifier: MIT
 *
 * What thawline.exe exits with. `--help` prints the same list: it is made from this table.
 */
#ifndef THAWLINE_CLI_EXIT_CODES_H
#define THAWLINE_CLI_EXIT_CODES_H

/* EXIT_CODE(name, value, word, meaning); the word stands in JSON */
#define EXIT_CODES(EXIT_CODE)                                                                      \
    EXIT_CODE(DONE, 0, "done", "done")                                                             \
    EXIT_CODE(FAILED, 1, "failed", "failed: nothing usable was made, and no shadow copy is left")  \
    EXIT_CODE(WRONG_USE, 2, "wrong use", "wrong use: nothing was begun")                           \
    EXIT_CODE(PARTLY, 3, "partly",                                                                 \
        "done in part: a writer failed, a file could not be read or written, or some shadow "      \
        "copies could not be deleted")                                                             \
    EXIT_CODE(MISMATCH, 4, "mismatch", "copied, but verification found differences")               \
    EXIT_CODE(CANCELLED, 130, "cancelled", "cancelled by Ctrl-C, and cleaned up")

enum exit_code
{
#define EXIT_CODE_ENUM(name, value, word, meaning) EXIT_CODE_##name = value,
    EXIT_CODES(EXIT_CODE_ENUM)
#undef EXIT_CODE_ENUM
};

#endif
