/* SPDX-License-Identifier: MIT
 *
 * The part of the Windows and VSS headers that a C++ writer needs, for clang with an -windows-msvc
 * target: types, and interfaces as C++ classes. Declared anew from writer-provider 2.5 and 4, so
 * that objects of a compiler with Microsoft's ABI meet the DLL without Microsoft's headers, and
 * nothing here follows from a header of ours.
 *
 * The 2003 SDK had no built-in wchar_t: WCHAR is unsigned short, also in the names of members.
 */
#ifndef THAWLINE_TESTS_MSVC_SDK_H
#define THAWLINE_TESTS_MSVC_SDK_H

typedef unsigned char BYTE;
typedef unsigned short WCHAR;
typedef int BOOL;
typedef int INT;
typedef unsigned int UINT;
typedef long LONG;
typedef long HRESULT;
typedef unsigned long DWORD;
typedef unsigned long ULONG;
typedef const WCHAR *LPCWSTR;
typedef WCHAR *BSTR;

struct _GUID
{
    unsigned long Data1;
    unsigned short Data2;
    unsigned short Data3;
    unsigned char Data4[8];
};
typedef struct _GUID GUID;
typedef GUID IID;
typedef GUID CLSID;
typedef GUID VSS_ID;

struct FILETIME
{
    DWORD low;
    DWORD high;
};

#define S_OK ((HRESULT)0)
#define E_FAIL ((HRESULT)0x80004005)
#define E_NOTIMPL ((HRESULT)0x80004001)

/* A literal of 16-bit units: wchar_t has them on this target. */
#define WIDE(text) ((const WCHAR *)L##text)

/* The tags are part of the names of CVssWriter's members. */
enum VSS_USAGE_TYPE
{
    VSS_UT_USERDATA = 3
};

enum VSS_SOURCE_TYPE
{
    VSS_ST_OTHER = 3
};

enum _VSS_APPLICATION_LEVEL
{
    VSS_APP_UNKNOWN = 0,
    VSS_APP_FRONT_END = 3,
    VSS_APP_AUTO = -1
};
typedef enum _VSS_APPLICATION_LEVEL VSS_APPLICATION_LEVEL;

enum VSS_ALTERNATE_WRITER_STATE
{
    VSS_AWS_UNDEFINED = 0,
    VSS_AWS_NO_ALTERNATE_WRITER = 1
};

enum _VSS_BACKUP_TYPE
{
    VSS_BT_UNDEFINED = 0
};
typedef enum _VSS_BACKUP_TYPE VSS_BACKUP_TYPE;

enum _VSS_RESTORE_TYPE
{
    VSS_RTYPE_UNDEFINED = 0
};
typedef enum _VSS_RESTORE_TYPE VSS_RESTORE_TYPE;

enum VSS_COMPONENT_TYPE
{
    VSS_CT_DATABASE = 1,
    VSS_CT_FILEGROUP = 2
};

enum VSS_RESTOREMETHOD_ENUM
{
    VSS_RME_RESTORE_IF_CAN_REPLACE = 2
};

enum VSS_WRITERRESTORE_ENUM
{
    VSS_WRE_ALWAYS = 3
};

#define VSS_SM_BACKUP_AND_RESTORE_EVENTS 6ul
#define VSS_FSBT_DEFAULT 0xF0Ful

class IUnknown
{
  public:
    virtual HRESULT __stdcall QueryInterface(const IID &iid, void **out) = 0;
    virtual ULONG __stdcall AddRef() = 0;
    virtual ULONG __stdcall Release() = 0;
};

class IXMLDOMDocument;

/* No IUnknown in front. */
class IVssCreateWriterMetadata
{
  public:
    virtual HRESULT __stdcall AddIncludeFiles(
        LPCWSTR path, LPCWSTR spec, bool recursive, LPCWSTR alternate) = 0;
    virtual HRESULT __stdcall AddExcludeFiles(LPCWSTR path, LPCWSTR spec, bool recursive) = 0;
    virtual HRESULT __stdcall AddComponent(VSS_COMPONENT_TYPE type, LPCWSTR logical_path,
        LPCWSTR name, LPCWSTR caption, const BYTE *icon, UINT icon_size, bool restore_metadata,
        bool notify, bool selectable, bool selectable_for_restore = false, DWORD flags = 0) = 0;
    virtual HRESULT __stdcall AddDatabaseFiles(LPCWSTR logical_path, LPCWSTR name, LPCWSTR path,
        LPCWSTR spec, DWORD mask = VSS_FSBT_DEFAULT) = 0;
    virtual HRESULT __stdcall AddDatabaseLogFiles(LPCWSTR logical_path, LPCWSTR name, LPCWSTR path,
        LPCWSTR spec, DWORD mask = VSS_FSBT_DEFAULT) = 0;
    virtual HRESULT __stdcall AddFilesToFileGroup(LPCWSTR logical_path, LPCWSTR name, LPCWSTR path,
        LPCWSTR spec, bool recursive, LPCWSTR alternate, DWORD mask = VSS_FSBT_DEFAULT) = 0;
    virtual HRESULT __stdcall SetRestoreMethod(VSS_RESTOREMETHOD_ENUM method, LPCWSTR service,
        LPCWSTR procedure, VSS_WRITERRESTORE_ENUM writer_restore, bool reboot) = 0;
    virtual HRESULT __stdcall AddAlternateLocationMapping(
        LPCWSTR path, LPCWSTR spec, bool recursive, LPCWSTR destination) = 0;
    virtual HRESULT __stdcall AddComponentDependency(
        LPCWSTR for_path, LPCWSTR for_name, VSS_ID on_writer, LPCWSTR on_path, LPCWSTR on_name) = 0;
    virtual HRESULT __stdcall SetBackupSchema(DWORD schema) = 0;
    virtual HRESULT __stdcall GetDocument(IXMLDOMDocument **document) = 0;
    virtual HRESULT __stdcall SaveAsXML(BSTR *xml) = 0;
};

/* Two bases, and so two tables. */
class IVssCreateWriterMetadataEx : public IVssCreateWriterMetadata, public IUnknown
{
  public:
    virtual HRESULT __stdcall AddExcludeFilesFromSnapshot(
        LPCWSTR path, LPCWSTR spec, bool recursive) = 0;
};

class IVssWMFiledesc;

class IVssComponent : public IUnknown
{
  public:
    virtual HRESULT __stdcall GetLogicalPath(BSTR *path) = 0;
    virtual HRESULT __stdcall GetComponentType(VSS_COMPONENT_TYPE *type) = 0;
    virtual HRESULT __stdcall GetComponentName(BSTR *name) = 0;
    virtual HRESULT __stdcall GetBackupSucceeded(bool *succeeded) = 0;
    virtual HRESULT __stdcall GetAlternateLocationMappingCount(UINT *count) = 0;
    virtual HRESULT __stdcall GetAlternateLocationMapping(UINT index, IVssWMFiledesc **file) = 0;
    virtual HRESULT __stdcall SetBackupMetadata(LPCWSTR data) = 0;
    virtual HRESULT __stdcall GetBackupMetadata(BSTR *data) = 0;
    virtual HRESULT __stdcall AddPartialFile(
        LPCWSTR path, LPCWSTR file, LPCWSTR ranges, LPCWSTR metadata) = 0;
    virtual HRESULT __stdcall GetPartialFileCount(UINT *count) = 0;
    virtual HRESULT __stdcall GetPartialFile(
        UINT index, BSTR *path, BSTR *file, BSTR *range, BSTR *metadata) = 0;
    virtual HRESULT __stdcall IsSelectedForRestore(bool *selected) = 0;
    virtual HRESULT __stdcall GetAdditionalRestores(bool *additional) = 0;
    virtual HRESULT __stdcall GetNewTargetCount(UINT *count) = 0;
    virtual HRESULT __stdcall GetNewTarget(UINT index, IVssWMFiledesc **file) = 0;
    virtual HRESULT __stdcall AddDirectedTarget(LPCWSTR source_path, LPCWSTR source_file,
        LPCWSTR source_ranges, LPCWSTR path, LPCWSTR file, LPCWSTR ranges) = 0;
    virtual HRESULT __stdcall GetDirectedTargetCount(UINT *count) = 0;
    virtual HRESULT __stdcall GetDirectedTarget(UINT index, BSTR *source_path, BSTR *source_file,
        BSTR *source_ranges, BSTR *path, BSTR *file, BSTR *ranges) = 0;
    virtual HRESULT __stdcall SetRestoreMetadata(LPCWSTR data) = 0;
    virtual HRESULT __stdcall GetRestoreMetadata(BSTR *data) = 0;
    virtual HRESULT __stdcall SetRestoreTarget(int target) = 0;
    virtual HRESULT __stdcall GetRestoreTarget(int *target) = 0;
    virtual HRESULT __stdcall SetPreRestoreFailureMsg(LPCWSTR message) = 0;
    virtual HRESULT __stdcall GetPreRestoreFailureMsg(BSTR *message) = 0;
    virtual HRESULT __stdcall SetPostRestoreFailureMsg(LPCWSTR message) = 0;
    virtual HRESULT __stdcall GetPostRestoreFailureMsg(BSTR *message) = 0;
    virtual HRESULT __stdcall SetBackupStamp(LPCWSTR stamp) = 0;
    virtual HRESULT __stdcall GetBackupStamp(BSTR *stamp) = 0;
    virtual HRESULT __stdcall GetPreviousBackupStamp(BSTR *stamp) = 0;
    virtual HRESULT __stdcall GetBackupOptions(BSTR *options) = 0;
    virtual HRESULT __stdcall GetRestoreOptions(BSTR *options) = 0;
};

/* No IUnknown in front. */
class IVssWriterComponents
{
  public:
    virtual HRESULT __stdcall GetComponentCount(UINT *count) = 0;
    virtual HRESULT __stdcall GetWriterInfo(VSS_ID *instance, VSS_ID *writer) = 0;
    virtual HRESULT __stdcall GetComponent(UINT index, IVssComponent **component) = 0;
};

class IVssExamineWriterMetadata : public IUnknown
{
  public:
    virtual HRESULT __stdcall GetIdentity(VSS_ID *instance, VSS_ID *writer, BSTR *name,
        VSS_USAGE_TYPE *usage, VSS_SOURCE_TYPE *source) = 0;
};

extern "C" void __stdcall SysFreeString(BSTR string);
extern "C" int __cdecl wsprintfW(WCHAR *out, const WCHAR *format, ...);
extern "C" void *__stdcall GetProcessHeap(void);
extern "C" void *__stdcall HeapAlloc(void *heap, DWORD flags, decltype(sizeof(0)) size);
extern "C" BOOL __stdcall HeapFree(void *heap, DWORD flags, void *block);
extern "C" HRESULT __stdcall CLSIDFromString(const WCHAR *text, CLSID *id);

#endif
