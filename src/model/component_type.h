/* SPDX-License-Identifier: MIT
 *
 * The types of a component, in either document.
 */
#ifndef THAWLINE_MODEL_COMPONENT_TYPE_H
#define THAWLINE_MODEL_COMPONENT_TYPE_H

#define COMPONENT_TYPE_DATABASE 1u  /* VSS_CT_DATABASE */
#define COMPONENT_TYPE_FILEGROUP 2u /* VSS_CT_FILEGROUP */

#endif
