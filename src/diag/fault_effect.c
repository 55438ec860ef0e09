/* SPDX-License-Identifier: MIT
 *
 * The effects that rules can have: their words, and which fit where. See fault.h.
 */
#include <string.h>

#include <vss.h>
#include <vswriter.h>

#include "diag/fault_rules.h"
#include "diag/hresult.h"
#include "diag/nearest.h"

static const struct
{
    const char *word;
    struct fault_effect effect;
    const char *description;
} effects[] = {
#define FAULT_EFFECT(word_, kind_, hr_, description_) {word_, {kind_, hr_, 0}, description_},
#include "diag/fault_effects.def"
#undef FAULT_EFFECT
};

#define EFFECT_COUNT (sizeof(effects) / sizeof(effects[0]))

const char *fault_effect_word(size_t index)
{
    return index < EFFECT_COUNT ? effects[index].word : NULL;
}

const char *fault_effect_description(size_t index)
{
    return index < EFFECT_COUNT ? effects[index].description : NULL;
}

/* What a point must take for it; enum fault_takes. */
unsigned fault_effect_needs(const struct fault_effect *effect)
{
    switch (effect->kind)
    {
    case FAULT_HANGS: return TAKES_HANG;
    case FAULT_DROPS: return TAKES_DROP;
    case FAULT_CRASHES: return 0;
    default: return FAILED(effect->hr) ? TAKES_RESULT : 0;
    }
}

/* A rule may say more than what makes sense: any failure code where one is taken. */
static bool is_veto(HRESULT hr)
{
    return hr >= VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT && hr <= VSS_E_WRITERERROR_NONRETRYABLE;
}

bool fault_effect_fits(size_t index, enum fault_point point)
{
    if (index >= EFFECT_COUNT)
        return false;
    unsigned needed = fault_effect_needs(&effects[index].effect);
    if (is_veto(effects[index].effect.hr))
        needed |= TAKES_VETO;
    return !(needed & ~fault_point_takes(point));
}

bool fault_effect_find(const char *text, struct fault_effect *effect, const char **nearest)
{
    struct nearest words;
    nearest_begin(&words, text);
    for (size_t i = 0; i < EFFECT_COUNT; i++)
    {
        if (_stricmp(text, effects[i].word) == 0)
        {
            *effect = effects[i].effect;
            return true;
        }
        nearest_offer(&words, effects[i].word);
    }
    *effect = (struct fault_effect){.kind = FAULT_ANSWERS};
    if (hresult_from_text(text, &effect->hr))
        return true;
    hresult_offer_names(&words);
    *nearest = words.name;
    return false;
}
