/* SPDX-License-Identifier: MIT
 *
 * A writer in C++ of mingw-w64's g++ whose OnFreeze throws, which no handler may: nobody catches
 * it. Says "subscribed"; ends when standard input does.
 */
#include <cstdio>
#include <stdexcept>

#include <windows.h>

#include "vsswriter.h"

namespace
{

const VSS_ID writer_id = {0x7a0e7a0e, 0x1111, 0x4111, {0xa1, 1, 1, 1, 1, 1, 1, 1}};

class throwing_writer final : public CVssWriter
{
public:
    ~throwing_writer() { Unsubscribe(); }
    bool STDMETHODCALLTYPE OnPrepareSnapshot() override { return true; }
    bool STDMETHODCALLTYPE OnFreeze() override { throw std::runtime_error("no paper left"); }
    bool STDMETHODCALLTYPE OnThaw() override { return true; }
    bool STDMETHODCALLTYPE OnAbort() override { return true; }
};

} // namespace

int main()
{
    throwing_writer writer;
    if (FAILED(writer.Initialize(writer_id, L"throws", VSS_UT_USERDATA, VSS_ST_OTHER)) ||
        FAILED(writer.Subscribe()))
        return 1;
    std::puts("subscribed");
    std::fflush(stdout);
    while (std::getchar() != EOF)
        continue;
    return 0;
}
