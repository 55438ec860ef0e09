/* SPDX-License-Identifier: MIT
 *
 * What a C++ writer learned in a handler, in the shape in which a writer of thawline.h is told it.
 */
#ifndef THAWLINE_TESTS_SUPPORT_MSVC_EVENT_H
#define THAWLINE_TESTS_SUPPORT_MSVC_EVENT_H

#include <thawline.h>

#include "msvc/msvc_writer.h"

/* Borrows what `asked` points to; there is no handle. */
static inline THAWLINE_EVENT event_from_msvc(const struct msvc_event *asked)
{
    return (THAWLINE_EVENT){.cbSize = sizeof(THAWLINE_EVENT),
        .SessionId = asked->session_id,
        .SnapshotSetId = asked->set_id,
        .lContext = asked->context,
        .BackupType = (VSS_BACKUP_TYPE)asked->backup_type,
        .RestoreType = (VSS_RESTORE_TYPE)asked->restore_type,
        .bComponentsSelected = asked->components_selected,
        .bBootableSystemState = asked->bootable_system_state,
        .bPartialFileSupport = asked->partial_file_support,
        .cVolumes = asked->volume_count,
        .ppwszVolumes = asked->volumes,
        .ppwszDevices = asked->device_result == S_OK ? asked->devices : NULL,
        .pComponents = asked->components};
}

#endif
