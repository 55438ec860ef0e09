/* SPDX-License-Identifier: MIT
 *
 * How an element of a document and a struct of the model correspond: the tables that loading and
 * saving share. Private to the document room.
 *
 * A `field` is an attribute and a member. A `child` is an element inside and where its struct is.
 * Whatever an element holds beside them is kept in the struct extra at `extra`.
 */
#ifndef THAWLINE_DOCUMENT_ELEMENT_H
#define THAWLINE_DOCUMENT_ELEMENT_H

#include "xml/xml_flaw.h"

enum field_kind
{
    FIELD_STRING,   /* WCHAR *; NULL is a missing attribute, "" an empty one */
    FIELD_GUID,     /* GUID; with FIELD_OPTIONAL, GUID_NULL is a missing attribute */
    FIELD_BOOL,     /* bool as yes or no */
    FIELD_ANSWER,   /* enum answer; unset is a missing attribute */
    FIELD_DECIMAL,  /* DWORD */
    FIELD_HEX,      /* DWORD, LONG or HRESULT as 0x and eight digits */
    FIELD_ENUM,     /* DWORD by its spellings */
    FIELD_FILETIME, /* FILETIME as one decimal number */
    FIELD_BYTES,    /* BYTE * as base64; the UINT at `companion` is their number */
    FIELD_CONSTANT  /* no member: `constant`, which loading checks up to its first dot */
};

enum
{
    FIELD_REQUIRED = 1, /* loading fails without it */
    FIELD_OPTIONAL = 2, /* not written when false, 0, the initial value or GUID_NULL */
    FIELD_GIVEN = 4,    /* the bool at `companion` says whether there is an attribute */
    FIELD_OURS = 8      /* the name is ours: Windows may mean something else by it, so a value that
                           is none of this kind is kept like an unknown attribute */
};

/* The first spelling of a value is written, all are read. A list ends with a NULL text. */
struct spelling
{
    const char *text;
    DWORD value;
};

struct field
{
    const char *name;
    enum field_kind kind;
    unsigned flags; /* FIELD_REQUIRED... */
    size_t offset;
    size_t companion;
    DWORD initial; /* DECIMAL: what a missing attribute means */
    DWORD most;    /* DECIMAL: the largest value read; 0 means any */
    const struct spelling *spellings;
    const char *constant;
};

enum child_shape
{
    CHILD_PART,    /* inside the parent's struct; at 0 it is another view of that struct */
    CHILD_POINTER, /* the parent has a pointer to it, NULL when there is none */
    CHILD_LIST     /* the parent has a struct vec of pointers to them */
};

#define NO_OFFSET ((size_t)-1)

struct child
{
    const struct element *element;
    enum child_shape shape;
    bool required; /* loading fails without it */
    size_t offset;
    bool (*present)(const void *parent); /* PART: whether to write it; NULL: always */
    /* PART and POINTER that may stand behind rows that follow theirs: the bool of the parent that
       says so; 0: there is none, the order of the rows is the documents'. */
    size_t behind;

    /* POINTER and LIST: what a child is made of */
    size_t size;
    void *(*create)(void); /* NULL: `size` zeroed bytes */
    void (*destroy)(void *child);

    /* LIST. Attaching is appending to the list and numbering the child, unless there is a
       function. */
    HRESULT (*attach)(void *parent, void *child);
    size_t order;      /* of the child's number among its siblings of every kind, or NO_OFFSET */
    size_t tag_offset; /* several elements, one list: the DWORD that says which one a child is */
    DWORD tag;         /* its value for this element; 0: the list is this element's alone */
};

struct element
{
    const char *name;
    const char *xmlns; /* written as the element's default namespace; NULL: none */
    bool ours; /* the name is: an element without the required attributes is unknown content */
    const struct field *fields;
    size_t field_count;
    const struct child *children;
    size_t child_count;
    size_t extra;
    size_t next_order; /* of the number that the next child gets, or NO_OFFSET */
};

/* Loading counts what it has seen in a word of 64 bits. */
#define ELEMENT_MAX_ROWS 64

/* For initialisers: a static array and the number of its elements. */
#define TABLE_OF_FIELDS(array) .fields = (array), .field_count = sizeof(array) / sizeof((array)[0])
#define TABLE_OF_CHILDREN(array)                                                                   \
    .children = (array), .child_count = sizeof(array) / sizeof((array)[0])

/* The start of a field's initialiser; kinds that need more name it behind. */
#define FIELD(name_, kind_, type_, member_, flags_)                                                \
    .name = (name_), .kind = (kind_), .flags = (flags_), .offset = offsetof(type_, member_)

/* The member at `offset`. */
static inline void *element_member(const void *object, size_t offset)
{
    return (char *)object + offset;
}

/* Reads a document whose root is `element` in the namespace `xmlns` into `object`, which is zeroed
   or in its initial state. After a failure it is half filled. `flaw`: see document.h. */
HRESULT element_load_document(const struct element *element, const char *xmlns, const WCHAR *text,
    size_t length, void *object, struct xml_flaw *flaw);

/* mem_free the text. E_INVALIDARG: a string holds what XML cannot. */
HRESULT element_save_document(const struct element *element, const char *xmlns, const void *object,
    WCHAR **text, size_t *length);

#endif
