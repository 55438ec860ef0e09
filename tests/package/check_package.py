# Installs a build, uses it from outside in both ways (CMake, pkg-config), and looks into the zip:
# check_package.py SOURCE BUILD TRIPLE TOOLCHAIN NAME CMOCKA
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

source, build, triple, toolchain, name, cmocka = sys.argv[1:]
here = pathlib.Path(__file__).resolve().parent

# The layout of MSYS2's packages; what a folder of examples holds is checked apart.
INSTALLED = {
    'bin/vssapi.dll',
    'bin/thawline.exe',
    'include/thawline.h',
    'include/vsswriter.h',
    'lib/libthawline.dll.a',
    'lib/cmake/Thawline/ThawlineConfig.cmake',
    'lib/cmake/Thawline/ThawlineConfigVersion.cmake',
    'lib/pkgconfig/thawline.pc',
    'share/doc/thawline/README.md',
    'share/doc/thawline/docs/differs-from-windows.md',
    'share/licenses/thawline/LICENSE',
    'share/licenses/thawline/THIRD-PARTY-NOTICES.txt',
}
EXAMPLES = 'share/doc/thawline/examples/'


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)
    if done.returncode:
        sys.exit(f'{" ".join(map(str, command))}: exit code {done.returncode}\n{done.stdout}')
    return done.stdout


def check(truth, what):
    if not truth:
        sys.exit(what)


def check_files(files, where):
    examples = {file for file in files if file.startswith(EXAMPLES)}
    check(files - examples == INSTALLED, f'{where}: {sorted((files - examples) ^ INSTALLED)}')
    folder = pathlib.Path(source, 'examples')
    expected = {EXAMPLES + file.relative_to(folder).as_posix() for file in folder.rglob('*') if file.is_file()}
    check(examples == expected, f'{where}: {sorted(examples ^ expected)}')


# In the prefix of the other tests.
WINE = '. tools/lib.sh; need_prefix "${THAWLINE_TEST_PREFIX:-$build/prefix-test}"; exec "$wine_loader" "$0"'


def check_program(program, expected, *arguments):
    said = run('bash', '-c', WINE + ' "$@"', program, *arguments, cwd=source,
               stdin=subprocess.DEVNULL).strip().splitlines()
    check(expected in said, f'{program} said {said}')


# They end at once: nothing is typed.
def check_writers(where, folder):
    for writer in 'writer_c', 'writer_cxx':
        check_program(where / f'{writer}.exe', 'subscribed', folder)


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    stage = folder / 'stage'
    run('cmake', '--install', build, '--prefix', stage)
    check_files({str(file.relative_to(stage)) for file in stage.rglob('*') if file.is_file()}, 'installed')
    notices = (stage / 'share/licenses/thawline/THIRD-PARTY-NOTICES.txt').read_text()
    check('Expat maintainers' in notices and 'mingw-w64' in notices, 'a notice is missing')
    check('Not among the files of this build' not in notices, 'a licence was not found')

    # CMake. The package tells where things are wherever it was moved to.
    moved = folder / 'moved'
    stage.rename(moved)
    consumer = folder / 'consumer'
    run('cmake', '-G', 'Ninja', '-S', here / 'consumer', '-B', consumer,
        f'-DCMAKE_TOOLCHAIN_FILE={toolchain}', f'-DCMAKE_PREFIX_PATH={moved}',
        f'-DEXAMPLES={moved / EXAMPLES}')
    run('cmake', '--build', consumer)
    check_program(consumer / 'consumer.exe', '0.1.0, S_OK')
    check_writers(consumer, folder)
    check((consumer / 'cli.txt').read_text() == str(moved / 'bin/thawline.exe'), 'Thawline::cli is elsewhere')

    # The tests of a tool, with faults.
    tests = folder / 'tests'
    run('cmake', '-G', 'Ninja', '-S', moved / EXAMPLES / 'ci', '-B', tests,
        f'-DCMAKE_TOOLCHAIN_FILE={toolchain}', f'-DCMAKE_PREFIX_PATH={moved}',
        f'-DCMOCKA_INCLUDE={cmocka}/include', f'-DCMOCKA_LIBRARY={cmocka}/lib/libcmocka-static.a')
    run('cmake', '--build', tests)
    check_program(tests / 'test_tool.exe', '[  PASSED  ] 5 test(s).')

    # pkg-config.
    there = dict(os.environ, PKG_CONFIG_LIBDIR=str(moved / 'lib/pkgconfig'))
    flags = run('pkg-config', '--cflags', '--libs', 'thawline', env=there).split()
    check(run('pkg-config', '--modversion', 'thawline', env=there).strip() == '0.1.0', 'the version')
    program = folder / 'by-hand' / 'consumer.exe'
    program.parent.mkdir()
    run(f'{triple}-gcc', '-o', program, here / 'consumer/consumer.c', *flags, '-lole32')
    (program.parent / 'vssapi.dll').write_bytes((moved / 'bin/vssapi.dll').read_bytes())
    check_program(program, '0.1.0, S_OK')
    # As the examples say, with the header's folder alone.
    header = run('pkg-config', '--cflags', 'thawline', env=there).split()
    for compiler, example in ('gcc', 'writer_c.c'), ('g++', 'writer_cxx.cpp'):
        run(f'{triple}-{compiler}', '-o', program.parent / f'{pathlib.Path(example).stem}.exe',
            moved / EXAMPLES / example, *header, '-static', '-municode', '-lvssapi', '-lole32')
    check_writers(program.parent, folder)

    # The zip has the same files, in one folder, and programs without debug information.
    run('cpack', '--config', os.path.join(build, 'CPackConfig.cmake'), '-B', folder / 'zip')
    made = folder / 'zip' / f'{name}.zip'
    with zipfile.ZipFile(made) as packed:
        files = {entry for entry in packed.namelist() if not entry.endswith('/')}
        check(all(file.startswith(f'{name}/') for file in files), f'{made.name}: {sorted(files)[:3]}')
        check_files({file[len(name) + 1:] for file in files}, made.name)
        small = packed.getinfo(f'{name}/bin/vssapi.dll').file_size
    check(small < (moved / 'bin/vssapi.dll').stat().st_size, 'the DLL in the zip is not stripped')
print('package: good')
