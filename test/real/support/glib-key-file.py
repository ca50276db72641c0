#!/usr/bin/env python3
"""GLib's own key file reader (libglib-2.0, by ctypes), for a comparison with ours.

One JSON array of base64 files on standard input; one JSON array on standard output, with an object for each: {"error": text}, or
{"groups": {group: {key: [string or null, [item, ...] or null]}}} with what g_key_file_get_string and g_key_file_get_string_list answer.
"""
import base64
import ctypes
import json
import sys

GLIB = ctypes.CDLL("libglib-2.0.so.0")
KEEP_TRANSLATIONS = 2


class GError(ctypes.Structure):
    _fields_ = [("domain", ctypes.c_uint32), ("code", ctypes.c_int), ("message", ctypes.c_char_p)]


POINTER_TO_ERROR = ctypes.POINTER(GError)
STRINGS = ctypes.POINTER(ctypes.c_char_p)
GLIB.g_key_file_new.restype = ctypes.c_void_p
GLIB.g_key_file_free.argtypes = [ctypes.c_void_p]
GLIB.g_key_file_load_from_data.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int, ctypes.POINTER(POINTER_TO_ERROR)]
GLIB.g_key_file_get_groups.restype = STRINGS
GLIB.g_key_file_get_groups.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
GLIB.g_key_file_get_keys.restype = STRINGS
GLIB.g_key_file_get_keys.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p]
GLIB.g_key_file_get_string.restype = ctypes.c_void_p
GLIB.g_key_file_get_string.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(POINTER_TO_ERROR)]
GLIB.g_key_file_get_string_list.restype = STRINGS
GLIB.g_key_file_get_string_list.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_size_t), ctypes.POINTER(POINTER_TO_ERROR)]


def strings(array):
    found = []
    while array and array[len(found)] is not None:
        found.append(array[len(found)])
    return found


def value_of(key_file, group, key):
    # A value with a bad escape is given back with an error beside it; virt-viewer's reader then has none.
    error = POINTER_TO_ERROR()
    address = GLIB.g_key_file_get_string(key_file, group, key, ctypes.byref(error))
    text = None if error or not address else ctypes.string_at(address).decode("utf-8")
    error = POINTER_TO_ERROR()
    length = ctypes.c_size_t()
    array = GLIB.g_key_file_get_string_list(key_file, group, key, ctypes.byref(length), ctypes.byref(error))
    items = None if error or not array else [item.decode("utf-8") for item in strings(array)]
    return [text, items]


def read(data):
    key_file = GLIB.g_key_file_new()
    error = POINTER_TO_ERROR()
    try:
        if not GLIB.g_key_file_load_from_data(key_file, data, len(data), KEEP_TRANSLATIONS, ctypes.byref(error)):
            return {"error": error.contents.message.decode("utf-8", "replace")}
        groups = {}
        for group in strings(GLIB.g_key_file_get_groups(key_file, None)):
            keys = strings(GLIB.g_key_file_get_keys(key_file, group, None, None))
            groups[group.decode("utf-8")] = {key.decode("utf-8"): value_of(key_file, group, key) for key in keys}
        return {"groups": groups}
    finally:
        GLIB.g_key_file_free(key_file)


json.dump([read(base64.b64decode(one)) for one in json.load(sys.stdin)], sys.stdout)
