/* SPDX-License-Identifier: MIT
 *
 * The services that writers name in their restore methods. Main thread.
 */
#ifndef THAWLINE_CLI_RESTORE_SERVICE_H
#define THAWLINE_CLI_RESTORE_SERVICE_H

#include "cli/restore.h"

/* VSS_RME_STOP_RESTORE_START: stops the services, before files are written; refuses the components
   whose service does not stop. */
void restore_service_stop(struct restore *restore);
/* Starts again what was stopped; says which does not start. */
void restore_service_start(struct restore *restore);
/* VSS_RME_RESTORE_STOP_START: after PostRestore, stops and starts the services. */
void restore_service_renew(struct restore *restore);

#endif
