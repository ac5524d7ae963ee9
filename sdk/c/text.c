/* Texts, and the memory that everything lies in. */

#include <stdlib.h>
#include <string.h>

#include "plugin.h"

typedef struct Block {
    struct Block *earlier;
    size_t used, size;
    _Alignas(max_align_t) char bytes[];
} Block;

static Block *latest;

void *provost_allocate(size_t size) {
    enum { ALIGNMENT = _Alignof(max_align_t), LEAST = 64 * 1024 - sizeof(Block) - 64 };
    if (size > SIZE_MAX / 2) provost_panic("too much memory is asked for");
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (latest == NULL || latest->size - latest->used < size) {
        size_t room = size > LEAST ? size : LEAST;
        Block *block = malloc(sizeof(Block) + room);
        if (block == NULL) provost_panic("there is no more memory");
        *block = (Block){.earlier = latest, .size = room};
        latest = block;
    }
    void *memory = latest->bytes + latest->used;
    latest->used += size;
    return memset(memory, 0, size);
}

#ifndef __wasm__
void provost_free(void) {
    while (latest != NULL) {
        Block *earlier = latest->earlier;
        free(latest);
        latest = earlier;
    }
}
#endif

ProvostText provost_text_of(const char *string) {
    if (string == NULL) return PROVOST_ANY;
    return (ProvostText){string, strlen(string)};
}

ProvostText provost_text_itself(ProvostText text) { return text; }

ProvostText provost_text_of_integer(int64_t integer) {
    enum { WIDEST = 20 };
    char *digits = provost_allocate(WIDEST);
    uint64_t rest = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
    size_t start = WIDEST;
    do {
        digits[--start] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (integer < 0) digits[--start] = '-';
    return (ProvostText){digits + start, WIDEST - start};
}

ProvostText provost_format_texts(const ProvostText *texts, size_t count) {
    ProvostText format = texts[0];
    size_t length = format.length, holes = 0;
    for (size_t at = 0; at < format.length; at++) holes += format.data[at] == '%';
    if (holes != count - 1) provost_panic("provost_format: as many `%` as values are needed");
    for (size_t index = 1; index < count; index++) length += texts[index].length;
    char *data = provost_allocate(length + 1), *end = data;
    for (size_t at = 0, index = 1; at < format.length; at++) {
        if (format.data[at] != '%') {
            *end++ = format.data[at];
            continue;
        }
        ProvostText text = texts[index++];
        if (text.length > 0) memcpy(end, text.data, text.length);
        end += text.length;
    }
    return (ProvostText){data, (size_t)(end - data)};
}

static bool is_at(ProvostText text, size_t place, ProvostText part) {
    return part.length == 0 || memcmp(text.data + place, part.data, part.length) == 0;
}

bool(provost_equal)(ProvostText one, ProvostText other) {
    return one.length == other.length && (one.data == NULL) == (other.data == NULL) &&
           is_at(one, 0, other);
}

bool(provost_starts_with)(ProvostText text, ProvostText start) {
    return text.length >= start.length && is_at(text, 0, start);
}

bool(provost_ends_with)(ProvostText text, ProvostText end) {
    return text.length >= end.length && is_at(text, text.length - end.length, end);
}

static bool cut(ProvostText text, ProvostText separator, bool last, ProvostText *before,
                ProvostText *after) {
    bool found = false;
    size_t place = 0;
    for (size_t at = 0; at + separator.length <= text.length && (last || !found); at++) {
        if (is_at(text, at, separator)) {
            place = at;
            found = true;
        }
    }
    size_t next = place + separator.length;
    *before = found ? (ProvostText){text.data, place} : text;
    *after = found ? (ProvostText){text.data + next, text.length - next} : PROVOST_ANY;
    return found;
}

bool(provost_cut)(ProvostText text, ProvostText separator, ProvostText *before,
                  ProvostText *after) {
    return cut(text, separator, false, before, after);
}

bool(provost_cut_last)(ProvostText text, ProvostText separator, ProvostText *before,
                       ProvostText *after) {
    return cut(text, separator, true, before, after);
}

ProvostText(provost_escape)(ProvostText key) {
    char *data = provost_allocate(2 * key.length + 1), *end = data;
    for (size_t at = 0; at < key.length; at++) {
        char byte = key.data[at];
        *end++ = byte == '/' ? '~' : byte;
        if (byte == '~') *end++ = '0';
        if (byte == '/') *end++ = '1';
    }
    return (ProvostText){data, (size_t)(end - data)};
}

ProvostText provost_unescape(ProvostText token) {
    char *data = provost_allocate(token.length + 1), *end = data;
    for (size_t at = 0; at < token.length; at++) {
        char byte = token.data[at], next = at + 1 < token.length ? token.data[at + 1] : ' ';
        bool is_escape = byte == '~' && (next == '0' || next == '1');
        *end++ = !is_escape ? byte : next == '0' ? '~' : '/';
        at += is_escape;
    }
    return (ProvostText){data, (size_t)(end - data)};
}
