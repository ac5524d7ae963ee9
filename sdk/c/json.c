/* JSON (RFC 8259), read into values and written without blanks. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

/* Reading. */

typedef struct Reader {
    const char *at, *end;
    int depth;
} Reader;

/* What was read of a list or mapping so far. */
typedef struct Children {
    ProvostValue *items;
    size_t length, room;
} Children;

static bool read_value(Reader *reader, ProvostValue *value);

static void skip_blanks(Reader *reader) {
    while (reader->at < reader->end && strchr(" \t\n\r", *reader->at) != NULL && *reader->at != 0) {
        reader->at++;
    }
}

static bool is_next(Reader *reader, char byte) {
    if (reader->at == reader->end || *reader->at != byte) return false;
    reader->at++;
    return true;
}

static bool read_word(Reader *reader, const char *word) {
    size_t length = strlen(word);
    if ((size_t)(reader->end - reader->at) < length) return false;
    if (memcmp(reader->at, word, length) != 0) return false;
    reader->at += length;
    return true;
}

static bool read_digits(Reader *reader) {
    const char *start = reader->at;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9') reader->at++;
    return reader->at > start;
}

static bool read_number(Reader *reader, ProvostValue *value) {
    const char *start = reader->at;
    bool is_integer = true;
    is_next(reader, '-');
    if (!is_next(reader, '0') && !read_digits(reader)) return false;
    if (is_next(reader, '.')) {
        is_integer = false;
        if (!read_digits(reader)) return false;
    }
    if (is_next(reader, 'e') || is_next(reader, 'E')) {
        is_integer = false;
        if (!is_next(reader, '+')) is_next(reader, '-');
        if (!read_digits(reader)) return false;
    }
    size_t length = (size_t)(reader->at - start);
    char *digits = provost_allocate(length + 1);
    memcpy(digits, start, length);
    errno = 0;
    if (is_integer) {
        value->integer = strtoll(digits, NULL, 10);
        value->kind = PROVOST_INTEGER;
        if (errno == 0) return true;
    }
    value->kind = PROVOST_NUMBER;
    value->number = strtod(digits, NULL);
    return true;
}

static bool read_hex(Reader *reader, uint32_t *code) {
    *code = 0;
    for (int digit = 0; digit < 4; digit++, reader->at++) {
        static const char *const DIGITS = "0123456789abcdef0123456789ABCDEF";
        if (reader->at == reader->end || *reader->at == 0) return false;
        const char *found = strchr(DIGITS, *reader->at);
        if (found == NULL) return false;
        *code = *code * 16 + (uint32_t)((found - DIGITS) % 16);
    }
    return true;
}

/* A character that was written as `\u` and four digits, or as two of them. */
static bool read_character(Reader *reader, char **end) {
    uint32_t code, low;
    if (!read_hex(reader, &code)) return false;
    if (code >= 0xDC00 && code < 0xE000) return false;
    if (code >= 0xD800 && code < 0xDC00) {
        if (!read_word(reader, "\\u") || !read_hex(reader, &low)) return false;
        if (low < 0xDC00 || low >= 0xE000) return false;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    /* UTF-8, RFC 3629. */
    int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const uint8_t FIRST[] = {0, 0xC0, 0xE0, 0xF0};
    *(*end)++ = (char)(FIRST[more] | (code >> (6 * more)));
    while (more-- > 0) *(*end)++ = (char)(0x80 | ((code >> (6 * more)) & 0x3F));
    return true;
}

static bool read_text(Reader *reader, ProvostText *text) {
    if (!is_next(reader, '"')) return false;
    const char *close = reader->at;
    while (close < reader->end && *close != '"') close += *close == '\\' ? 2 : 1;
    if (close >= reader->end) return false;
    /* What is escaped is never longer than its escape. */
    char *data = provost_allocate((size_t)(close - reader->at) + 1), *end = data;
    while (!is_next(reader, '"')) {
        char byte = *reader->at++;
        if ((unsigned char)byte < 0x20) return false;
        if (byte != '\\') {
            *end++ = byte;
            continue;
        }
        static const char *const LETTERS = "\"\\/bfnrt";
        static const char *const MEANINGS = "\"\\/\b\f\n\r\t";
        byte = *reader->at++;
        const char *letter = byte == 0 ? NULL : strchr(LETTERS, byte);
        if (letter != NULL) {
            *end++ = MEANINGS[letter - LETTERS];
        } else if (byte != 'u' || !read_character(reader, &end)) {
            return false;
        }
    }
    *text = (ProvostText){data, (size_t)(end - data)};
    return true;
}

static bool read_child(Reader *reader, Children *children, bool is_mapping) {
    if (children->length == children->room) {
        size_t room = children->room == 0 ? 8 : 2 * children->room;
        ProvostValue *items = provost_allocate(room * sizeof(ProvostValue));
        if (children->length > 0) {
            memcpy(items, children->items, children->length * sizeof(ProvostValue));
        }
        children->items = items;
        children->room = room;
    }
    ProvostValue *child = &children->items[children->length++];
    skip_blanks(reader);
    if (is_mapping) {
        if (!read_text(reader, &child->key)) return false;
        skip_blanks(reader);
        if (!is_next(reader, ':')) return false;
    }
    return read_value(reader, child);
}

static bool read_children(Reader *reader, ProvostValue *value) {
    bool is_mapping = value->kind == PROVOST_MAPPING;
    char close = is_mapping ? '}' : ']';
    Children children = {0};
    skip_blanks(reader);
    if (!is_next(reader, close)) {
        do {
            if (!read_child(reader, &children, is_mapping)) return false;
            skip_blanks(reader);
        } while (is_next(reader, ','));
        if (!is_next(reader, close)) return false;
    }
    value->items = children.items;
    value->length = children.length;
    return true;
}

static bool read_value(Reader *reader, ProvostValue *value) {
    skip_blanks(reader);
    if (reader->at == reader->end) return false;
    switch (*reader->at) {
    case '{':
    case '[': {
        value->kind = *reader->at++ == '{' ? PROVOST_MAPPING : PROVOST_LIST;
        if (reader->depth == PROVOST_DEEPEST) return false;
        reader->depth++;
        bool is_read = read_children(reader, value);
        reader->depth--;
        return is_read;
    }
    case '"': value->kind = PROVOST_TEXT; return read_text(reader, &value->text);
    case 'n': value->kind = PROVOST_NULL; return read_word(reader, "null");
    case 't':
    case 'f':
        value->kind = PROVOST_BOOLEAN;
        value->boolean = *reader->at == 't';
        return read_word(reader, value->boolean ? "true" : "false");
    default: return read_number(reader, value);
    }
}

bool provost_parse(ProvostText json, ProvostValue *value) {
    *value = (ProvostValue){0};
    if (json.data == NULL) return false;
    Reader reader = {json.data, json.data + json.length, 0};
    if (!read_value(&reader, value)) return false;
    skip_blanks(&reader);
    return reader.at == reader.end;
}

/* Writing. */

typedef struct Writer {
    char *data;
    size_t length, room;
} Writer;

static void write_bytes(Writer *writer, const char *bytes, size_t length) {
    if (writer->room - writer->length < length) {
        size_t room = 2 * writer->room + length + 64;
        char *data = provost_allocate(room);
        if (writer->length > 0) memcpy(data, writer->data, writer->length);
        writer->data = data;
        writer->room = room;
    }
    if (length > 0) memcpy(writer->data + writer->length, bytes, length);
    writer->length += length;
}

static void write_string(Writer *writer, const char *string) {
    write_bytes(writer, string, strlen(string));
}

static void write_text(Writer *writer, ProvostText text) {
    write_string(writer, "\"");
    for (size_t at = 0; at < text.length; at++) {
        static const char *const ESCAPED = "\"\\\b\f\n\r\t", *const LETTERS = "\"\\bfnrt";
        char byte = text.data[at];
        const char *escaped = byte == 0 ? NULL : strchr(ESCAPED, byte);
        if (escaped != NULL) {
            write_bytes(writer, (char[]){'\\', LETTERS[escaped - ESCAPED]}, 2);
        } else if ((unsigned char)byte < 0x20) {
            const char *digits = "0123456789abcdef";
            char code[] = {'\\', 'u', '0', '0', digits[byte / 16], digits[byte % 16]};
            write_bytes(writer, code, sizeof(code));
        } else {
            write_bytes(writer, &byte, 1);
        }
    }
    write_string(writer, "\"");
}

/* As few digits as read back to the same number. */
static void write_number(Writer *writer, double number) {
    if (number != number || number - number != 0) {
        write_string(writer, "null"); /* As the host does: JSON holds no such number. */
        return;
    }
    char digits[40];
    if (number > -1e16 && number < 1e16 && number == (double)(int64_t)number) {
        snprintf(digits, sizeof(digits), "%.1f", number);
        write_string(writer, digits);
        return;
    }
    for (int precision = 1; precision <= 17; precision++) {
        snprintf(digits, sizeof(digits), "%.*g", precision, number);
        if (strtod(digits, NULL) == number) break;
    }
    write_string(writer, digits);
}

static void write_value(Writer *writer, const ProvostValue *value) {
    bool is_mapping = value->kind == PROVOST_MAPPING;
    switch (value->kind) {
    case PROVOST_NOTHING:
    case PROVOST_NULL: write_string(writer, "null"); return;
    case PROVOST_BOOLEAN: write_string(writer, value->boolean ? "true" : "false"); return;
    case PROVOST_NUMBER: write_number(writer, value->number); return;
    case PROVOST_TEXT: write_text(writer, value->text); return;
    case PROVOST_INTEGER: {
        ProvostText digits = provost_text_of_integer(value->integer);
        write_bytes(writer, digits.data, digits.length);
        return;
    }
    case PROVOST_LIST:
    case PROVOST_MAPPING: break;
    }
    write_string(writer, is_mapping ? "{" : "[");
    for (size_t index = 0; index < value->length; index++) {
        if (index > 0) write_string(writer, ",");
        if (is_mapping) {
            write_text(writer, value->items[index].key);
            write_string(writer, ":");
        }
        write_value(writer, &value->items[index]);
    }
    write_string(writer, is_mapping ? "}" : "]");
}

ProvostText provost_json_of(const ProvostValue *value) {
    Writer writer = {0};
    write_value(&writer, value);
    return (ProvostText){writer.data, writer.length};
}

/* Values. */

const ProvostValue *(provost_member)(const ProvostValue *mapping, ProvostText key) {
    static const ProvostValue NOTHING = {0};
    if (mapping->kind != PROVOST_MAPPING) return &NOTHING;
    for (size_t index = 0; index < mapping->length; index++) {
        if (provost_equal(mapping->items[index].key, key)) return &mapping->items[index];
    }
    return &NOTHING;
}

ProvostValue(provost_value_of_text)(ProvostText text) {
    return (ProvostValue){.kind = PROVOST_TEXT, .text = text};
}

ProvostValue provost_value_of_integer(int64_t integer) {
    return (ProvostValue){.kind = PROVOST_INTEGER, .integer = integer};
}

ProvostValue provost_value_of_boolean(bool boolean) {
    return (ProvostValue){.kind = PROVOST_BOOLEAN, .boolean = boolean};
}

ProvostValue(provost_value_of_json)(ProvostText json) {
    ProvostValue value;
    if (!provost_parse(json, &value)) provost_panic("provost_value_of_json: this is no JSON");
    return value;
}
