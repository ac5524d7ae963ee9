/* What the files of the SDK share. */
#ifndef PROVOST_PLUGIN_H
#define PROVOST_PLUGIN_H

#include "provost.h"

/* Deeper values are not read: each level takes some of the stack. */
enum { PROVOST_DEEPEST = 200 };

/* Reads JSON text; false where it is none, or nested too deeply. */
bool provost_parse(ProvostText json, ProvostValue *value);

/* A token of a pointer as a key. */
ProvostText provost_unescape(ProvostText token);

bool provost_asks_for(const ProvostPlugin *plugin, const char *capability);

/* Judges one document after the other. */
ProvostReport *provost_run(const ProvostPlugin *plugin, ProvostText settings,
                           ProvostDocuments documents);
/* The reason to refuse settings, if there is one. */
const ProvostError *provost_refuse(const ProvostPlugin *plugin, ProvostText settings);

#endif
