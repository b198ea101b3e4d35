/*
 * Modalities
 *
 * Ways to communicate that this server knows by name; it carries messages only.
 */
#pragma once

enum modality { MODALITY_MESSAGING = 1 << 0, MODALITY_PHONE_AUDIO = 1 << 1 };
