#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails when a schema of the documents takes what is wrong or refuses what is right:
check_schemas.py ROOT.

tools/run-test validates what the tests write; a schema that takes anything would let all of it
pass. The texts follow writer-provider 5.3 to 5.5. Needs xmllint.
"""
import pathlib
import subprocess
import sys
import tempfile

METADATA = (
    '<WRITER_METADATA xmlns="x-schema:#VssWriterMetadataInfo" version="1.2" backupSchema="881">'
    '<IDENTIFICATION writerId="11111111-2222-3333-4444-555555555555"'
    ' instanceId="66666666-7777-8888-9999-AAAAaaaaaaaa" friendlyName="Demo Writer"'
    ' usage="USER_DATA" dataSource="OTHER" majorVersion="0" minorVersion="0"/>'
    '<BACKUP_LOCATIONS><FILE_GROUP componentName="data" restoreMetadata="no"'
    ' notifyOnBackupComplete="yes" selectable="yes" selectableForRestore="no" componentFlags="0">'
    '<FILE_LIST path="%ProgramData%\\Demo" filespec="*.db" recursive="yes"'
    ' filespecBackupType="3855"/></FILE_GROUP>'
    '<EXCLUDE_FILES path="C:\\" filespec="*.tmp" recursive="no"/></BACKUP_LOCATIONS>'
    '<RESTORE_METHOD method="RESTORE_IF_CAN_BE_REPLACED" writerRestore="always"'
    ' rebootRequired="no"/></WRITER_METADATA>')
COMPONENTS = (
    '<BACKUP_COMPONENTS xmlns="x-schema:#VssComponentMetadata" version="1.2"'
    ' bootableSystemStateBackup="no" selectComponents="yes" backupType="full"'
    ' partialFileSupport="no" snapshotSetId="11111111-2222-3333-4444-555555555555">'
    '<WRITER_COMPONENTS xmlns="x-schema:#VssComponentMetadata"'
    ' instanceId="11111111-2222-3333-4444-555555555555"'
    ' writerId="11111111-2222-3333-4444-555555555555" backupSchema="0">'
    '<COMPONENT componentName="n" componentType="filegroup" backupStamp="s">'
    '<BACKUP_METADATA xmlns="" metadata="m"/></COMPONENT></WRITER_COMPONENTS></BACKUP_COMPONENTS>')

# Replacements after which the document is still one.
GOOD = {
    "writer_metadata": (METADATA, [
        (' backupSchema="881"', ""),
        (' recursive="yes"', ""),
        ('version="1.2"', 'version="1.3"'),
        ('usage="USER_DATA"', 'usage="SPELLED_BY_OTHERS"'),
        (' usage=', ' unknown="x" usage='),
        ("<RESTORE_METHOD", '<UNKNOWN a="b"><AND xmlns="urn:x">text</AND></UNKNOWN><RESTORE_METHOD'),
        ('filespec="*.db"', 'filespec="*.db" alternatePath=""'),
    ]),
    "backup_components": (COMPONENTS, [
        (' xmlns="" metadata', ' metadata'),
        ('backupType="full"', 'backupType="byOthers"'),
        ("<COMPONENT ", '<UNKNOWN xmlns="urn:x"/><COMPONENT logicalPath="a" '),
    ]),
}
# And after which it is none.
BAD = {
    "writer_metadata": [
        ("x-schema:#VssWriterMetadataInfo", "x-schema:#VssComponentMetadata"),
        ("WRITER_METADATA", "WRITERS_METADATA"),
        ('version="1.2"', 'version="2.0"'),
        (' version="1.2"', ""),
        ('backupSchema="881"', 'backupSchema="0x371"'),
        ("IDENTIFICATION", "IDENTITY"),
        ('writerId="11111111-2222-3333-4444-555555555555"',
         'writerId="{11111111-2222-3333-4444-555555555555}"'),
        (' friendlyName="Demo Writer"', ""),
        ('usage="USER_DATA"', 'usage="3"'),
        ('majorVersion="0"', 'majorVersion="-1"'),
        (' componentName="data"', ""),
        (' restoreMetadata="no"', ""),
        ('selectable="yes"', 'selectable="true"'),
        ('filespecBackupType="3855"', 'filespecBackupType="0xF0F"'),
        (' filespecBackupType="3855"', ""),
        (' path="C:\\"', ""),
        (' recursive="no"', ""),
        (' rebootRequired="no"', ""),
        ('writerRestore="always"', 'writerRestore="3"'),
    ],
    "backup_components": [
        ("x-schema:#VssComponentMetadata", "x-schema:#VssWriterMetadataInfo"),
        ('selectComponents="yes"', 'selectComponents="1"'),
        (' partialFileSupport="no"', ""),
        ('backupType="full"', 'backupType="1"'),
        ('snapshotSetId="11111111-', 'snapshotSetId="1111111-'),
        (' backupSchema="0"', ""),
        (' instanceId="11111111-2222-3333-4444-555555555555"', ""),
        (' componentName="n"', ""),
        ('componentType="filegroup"', 'componentType="2"'),
        ('backupStamp="s"', 'backupSucceeded="maybe"'),
        ("<BACKUP_METADATA", '<PARTIAL_FILE path="p" filespec="f"/><BACKUP_METADATA'),
        ("<BACKUP_METADATA", '<FAILURE hresult="-1" applicationHresult="0x00000000"/>'
         "<BACKUP_METADATA"),
    ],
}


def follows(root, schema, text):
    with tempfile.NamedTemporaryFile("w", suffix=".xml", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        done = subprocess.run(
            ["xmllint", "--noout", "--schema", root / "src/document" / f"{schema}.xsd", file.name],
            capture_output=True, text=True, check=False)
    # 3 and 4: it does not follow the schema. Anything else is no verdict.
    if done.returncode not in (0, 3, 4):
        sys.exit(f"xmllint: {done.returncode}: {done.stderr}")
    return done.returncode == 0


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    complaints = []
    for schema, (document, changes) in GOOD.items():
        for old, new in [("", "")] + changes:
            if old not in document:
                complaints.append(f"{schema}: no {old!r} to replace")
            elif not follows(root, schema, document.replace(old, new, 1) if old else document):
                complaints.append(f"{schema} refuses {old!r} as {new!r}")
        for old, new in BAD[schema]:
            # Every occurrence: a closing tag goes with its opening one.
            if old not in document:
                complaints.append(f"{schema}: no {old!r} to replace")
            elif follows(root, schema, document.replace(old, new)):
                complaints.append(f"{schema} takes {old!r} as {new!r}")
    print("\n".join(complaints))
    sys.exit(1 if complaints else 0)


main()
