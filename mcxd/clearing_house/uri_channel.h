/*
 * Clearing house: the channel behind a notification URI
 */
#pragma once

struct push_body;
struct text;

/** Append the host and port that its notification URI leads to, and the name of the channel; struct platform's address. */
void uri_channel_address(const struct push_body *b, struct text *host, struct text *channel);
