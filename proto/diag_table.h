/*
 * Diagnostics: the table
 *
 * Every outcome that a client of either side can see, in five lists by where the number comes from:
 *   X(NAME, ms-diagnostics id, SIP status, HTTP status, UCWA code, UCWA subcode, reason)
 *
 * The first row of a SIP status is the one that diag_code_of_sip() gives, and the first row of a subcode the
 * one that an event with that subcode shows: general rows come before special ones, and the order of the lists
 * matters. DIAG_SUCCESS is first because a zeroed struct diag means success. Where an outcome can only
 * come in an event its UCWA code is one of the event channel (RemoteFailure, LocalFailure, Informational), not that of the
 * HTTP status.
 */
#pragma once

/* clang-format off */

/* Microsoft's, and not failures: ids and reasons as published traces show them. */
#define DIAG_MICROSOFT_OK(X) \
	X(DIAG_SUCCESS, 30000, 200, 200, "", "", "Success") \
	X(DIAG_SYNTHETIC_SUCCESS, 30007, 200, 200, "", "", \
	  "Push Notification synthetic transaction succeeded") \
	X(DIAG_PROXIED, 13004, 180, 200, "", "", \
	  "Request was proxied to one or more registered endpoints.") \
	X(DIAG_FORWARDED, 13006, 181, 200, "Informational", "Redirected", \
	  "Request was forwarded and its previous branches were cancelled")

/* The front end's. The ids are ours, 310xx, because the real ones are not public. */
#define DIAG_FRONT_END(X) \
	X(DIAG_BAD_REQUEST, 31001, 400, 400, "BadRequest", "", "The request is malformed") \
	X(DIAG_UNAUTHORIZED, 31002, 401, 401, "Unauthorized", "", \
	  "The request carries no valid credentials") \
	X(DIAG_FORBIDDEN, 31003, 403, 403, "Forbidden", "NotAllowed", "This is not allowed") \
	X(DIAG_NO_INWARD, 31036, 403, 403, "Forbidden", "NotAllowed", \
	  "Requests are not accepted from the external side of the Edge") \
	X(DIAG_NOT_FEDERATED, 31004, 403, 403, "Forbidden", "FederationRequired", \
	  "The domain of the message is not configured and does not appear to belong to a federated partner") \
	X(DIAG_PROXY_UNAUTHORIZED, 31041, 407, 401, "Unauthorized", "", \
	  "The request carries no valid credentials for this proxy") \
	X(DIAG_BAD_METHOD, 31005, 405, 405, "MethodNotAllowed", "", \
	  "This method is not allowed here") \
	X(DIAG_NOT_ACCEPTED, 31039, 406, 406, "NotAcceptable", "", \
	  "None of the content types that the client accepts can be sent") \
	X(DIAG_INVITE_TIMEOUT, 31006, 408, 504, "Timeout", "Timeout", \
	  "The client did not respond to the invitation") \
	X(DIAG_ENDPOINT_GONE, 31007, 410, 410, "Gone", "Unreachable", \
	  "The endpoint is no longer registered") \
	X(DIAG_NO_PUBLICATION, 31040, 412, 412, "PreconditionFailed", "", \
	  "There is no publication with this entity tag") \
	X(DIAG_TOO_LARGE, 31008, 413, 413, "EntityTooLarge", "", "The message is too large") \
	X(DIAG_BAD_TYPE, 31009, 415, 415, "UnsupportedMediaType", "UnsupportedMediaType", \
	  "This content type is not supported") \
	X(DIAG_BAD_SCHEME, 31037, 416, 400, "BadRequest", "ParameterValidationFailure", \
	  "Only SIP addresses can be reached here") \
	X(DIAG_BAD_EXTENSION, 31010, 420, 400, "BadRequest", "OperationNotSupported", \
	  "A required extension is not supported") \
	X(DIAG_SESSION_TOO_SHORT, 31042, 422, 400, "BadRequest", "ParameterValidationFailure", \
	  "The session interval is too short") \
	X(DIAG_INTERVAL_TOO_BRIEF, 31011, 423, 400, "BadRequest", "ParameterValidationFailure", \
	  "The requested registration time is too short") \
	X(DIAG_NOT_REGISTERED, 31012, 480, 404, "RemoteFailure", "Unreachable", \
	  "The user is not signed in at any endpoint") \
	X(DIAG_NOT_CONNECTED, 31013, 481, 409, "Conflict", "", \
	  "The conversation is not connected") \
	X(DIAG_CONVERSATION_ENDED, 31014, 481, 410, "Gone", "CallTerminated", \
	  "The conversation has ended") \
	X(DIAG_LOOP, 31015, 482, 500, "ServiceFailure", "", \
	  "The request was received here before") \
	X(DIAG_TOO_MANY_HOPS, 31016, 483, 500, "ServiceFailure", "", \
	  "The request went through too many servers") \
	X(DIAG_INCOMPLETE, 31038, 484, 404, "NotFound", "DestinationNotFound", \
	  "The address does not name a user") \
	X(DIAG_BUSY, 31017, 486, 409, "RemoteFailure", "Busy", "The user is busy") \
	X(DIAG_DECLINED_AT_ENDPOINT, 31035, 486, 409, "RemoteFailure", "Declined", \
	  "The user declined the invitation at this endpoint") \
	X(DIAG_ELSEWHERE, 31018, 487, 410, "Informational", "ConnectedElsewhere", \
	  "The invitation was accepted at another endpoint") \
	X(DIAG_BAD_SDP, 31019, 488, 400, "BadRequest", "InvalidMediaDescription", \
	  "The session description is malformed or cannot be accepted") \
	X(DIAG_BAD_MODALITY, 31020, 488, 400, "RemoteFailure", "ModalityNotSupported", \
	  "Only instant messaging can be offered to this endpoint") \
	X(DIAG_NO_MEETINGS, 31045, 488, 400, "LocalFailure", "ModalityNotSupported", \
	  "Joining conferences is not emulated") \
	X(DIAG_NO_NUMBER, 31046, 488, 400, "LocalFailure", "ModalityNotSupported", \
	  "The user has no number at which calls are taken (outside_voice_number)") \
	X(DIAG_OUTSIDE_VOICE_OFF, 31047, 488, 400, "LocalFailure", "ModalityNotSupported", \
	  "The user may not take calls at another number (enable_outside_voice)") \
	X(DIAG_REDIRECTED, 31048, 302, 200, "Informational", "Redirected", \
	  "The user takes the call at another number") \
	X(DIAG_BAD_EVENT, 31029, 489, 400, "BadRequest", "OperationNotSupported", \
	  "This event package is not supported") \
	X(DIAG_REQUEST_PENDING, 31021, 491, 409, "Conflict", "AnotherOperationPending", \
	  "Another request of the conversation is still under way") \
	X(DIAG_SERVER_ERROR, 31022, 500, 500, "ServiceFailure", "", "The server failed") \
	X(DIAG_OLD_CSEQ, 31031, 500, 400, "BadRequest", "", \
	  "The CSeq is not higher than that of the previous request") \
	X(DIAG_NOT_IMPLEMENTED, 31023, 501, 405, "MethodNotAllowed", "", \
	  "This method is not implemented") \
	X(DIAG_BAD_GATEWAY, 31024, 502, 500, "ServiceFailure", "", \
	  "The next server sent an invalid answer") \
	X(DIAG_LIMIT, 31025, 503, 429, "TooManyRequests", "LimitExceeded", \
	  "A limit has been reached; try again later") \
	X(DIAG_SHUTDOWN, 31026, 503, 503, "ServiceUnavailable", "TemporarilyUnavailable", \
	  "The server is shutting down") \
	X(DIAG_UNREACHABLE, 31027, 503, 503, "ServiceUnavailable", "Unreachable", \
	  "The next server cannot be reached") \
	X(DIAG_NOT_STORED, 31032, 503, 503, "ServiceUnavailable", "TemporarilyUnavailable", \
	  "The server cannot store this at present; try again later") \
	X(DIAG_RESTARTED, 31033, 503, 503, "ServiceUnavailable", "TemporarilyUnavailable", \
	  "The server was restarted") \
	X(DIAG_BAD_VERSION, 31030, 505, 400, "BadRequest", "", \
	  "This version of SIP is not supported") \
	X(DIAG_CANNOT_ACCEPT, 31034, 606, 406, "NotAcceptable", "NotAcceptable", \
	  "The endpoint cannot accept the invitation") \
	X(DIAG_DECLINED, 31028, 603, 409, "RemoteFailure", "Declined", \
	  "The user declined the invitation")

/* Microsoft's: ids and reasons as [MS-OCER] lists them and published traces show them. */
#define DIAG_MICROSOFT(X) \
	X(DIAG_NO_EPID, 4010, 400, 400, "BadRequest", "ParameterValidationFailure", \
	  "The endpoint identifier is missing") \
	X(DIAG_USER_UNKNOWN, 1003, 404, 404, "NotFound", "DestinationNotFound", \
	  "User does not exist") \
	X(DIAG_NO_ROUTE, 1005, 404, 404, "NotFound", "DestinationNotFound", \
	  "Cannot route to destination domain") \
	X(DIAG_DESTINATION_DISABLED, 4005, 404, 404, "NotFound", "DestinationNotFound", \
	  "Destination is either not enabled or does not exist") \
	X(DIAG_USER_NOT_IN_POOL, 4006, 404, 404, "NotFound", "DestinationNotFound", \
	  "User is not found in this pool") \
	X(DIAG_CANCELLED, 5002, 487, 410, "RemoteFailure", "Canceled", "Request was cancelled") \
	X(DIAG_HOP_TIMEOUT, 5001, 504, 504, "Timeout", "Timeout", \
	  "The next server did not answer in time") \
	X(DIAG_TEMPORARILY_NO_ROUTE, 1007, 504, 504, "Timeout", "TemporarilyUnavailable", \
	  "Temporarily cannot route") \
	X(DIAG_DNS_SRV, 1008, 504, 504, "Timeout", "Unreachable", \
	  "Unable to resolve DNS SRV record") \
	X(DIAG_DNS_NO_MATCH, 1009, 504, 504, "Timeout", "Unreachable", \
	  "No match for domain in DNS SRV results") \
	X(DIAG_TRUST, 1010, 504, 504, "Timeout", "Unreachable", \
	  "Certificate trust with another server could not be established") \
	X(DIAG_DNS_A, 1014, 504, 504, "Timeout", "Unreachable", "Unable to resolve DNS A record")

/* The clearing house's. The ids are ours, 300xx around Microsoft's 30000 and 30007, because the real ones are
 * not public. */
#define DIAG_CLEARING_HOUSE(X) \
	X(DIAG_PUSH_MALFORMED, 30001, 400, 400, "BadRequest", "DeserializationFailure", \
	  "The push notification is malformed") \
	X(DIAG_PUSH_NO_HEADER, 30002, 400, 400, "BadRequest", "ParameterValidationFailure", \
	  "A header that a push notification needs is missing or malformed") \
	X(DIAG_PUSH_BAD_PLATFORM, 30003, 400, 400, "BadRequest", "ParameterValidationFailure", \
	  "The platform of the phone is unknown") \
	X(DIAG_PUSH_UNVERIFIED, 30004, 403, 403, "Forbidden", "NotAllowed", \
	  "The sender of the push notification is not verified") \
	X(DIAG_PUSH_REJECTED, 30005, 403, 403, "Forbidden", "NotAllowed", \
	  "Push Notification request was rejected.") \
	X(DIAG_PUSH_BAD_TARGET, 30006, 404, 404, "NotFound", "DestinationNotFound", \
	  "The request is not addressed to the push notification service") \
	X(DIAG_PUSH_NO_CHANNEL, 30008, 410, 410, "Gone", "Expired", \
	  "The notification channel of the phone does not exist or has expired") \
	X(DIAG_PUSH_TOO_LARGE, 30009, 413, 413, "EntityTooLarge", "", \
	  "The push notification is too large") \
	X(DIAG_PUSH_BAD_TYPE, 30010, 415, 415, "UnsupportedMediaType", "UnsupportedMediaType", \
	  "The body is not a push notification") \
	X(DIAG_PUSH_INACTIVE, 30011, 480, 404, "RemoteFailure", "TemporarilyUnavailable", \
	  "The phone is not connected to the push service and its channel is inactive") \
	X(DIAG_PUSH_QUEUE_FULL, 30012, 480, 429, "TooManyRequests", "LimitExceeded", \
	  "The push service holds too many notifications for the phone") \
	X(DIAG_PUSH_SUPPRESSED, 30013, 480, 409, "RemoteFailure", "NotAllowed", \
	  "The phone does not accept this kind of notification") \
	X(DIAG_PUSH_REFUSED, 30014, 502, 500, "RemoteFailure", "", \
	  "The push service refused the notification") \
	X(DIAG_PUSH_THROTTLED, 30015, 503, 429, "TooManyRequests", "LimitExceeded", \
	  "The push service accepts no more notifications for this channel at the moment") \
	X(DIAG_PUSH_UNAVAILABLE, 30016, 503, 503, "ServiceUnavailable", "TemporarilyUnavailable", \
	  "The push service is temporarily unavailable") \
	X(DIAG_PUSH_UNREACHABLE, 30017, 504, 504, "Timeout", "Unreachable", \
	  "The push service cannot be reached") \
	X(DIAG_PUSH_NOT_CONFIGURED, 30018, 501, 403, "Forbidden", "NotAllowed", \
	  "The clearing house has no connection to the push service of this platform") \
	X(DIAG_PUSH_CREDENTIALS, 30019, 502, 500, "RemoteFailure", "", \
	  "The push service does not accept the credentials of the clearing house") \
	X(DIAG_PUSH_SENDER, 30020, 403, 403, "Forbidden", "NotAllowed", \
	  "The sender may not send push notifications") \
	X(DIAG_PUSH_BUSY, 30021, 503, 429, "TooManyRequests", "LimitExceeded", \
	  "Too many push notifications wait for the push service")

/* Outcomes that only the HTTPS side has: no SIP status, and an id if it is known from X-Ms-diagnostics. Codes and
 * subcodes are UCWA's. */
#define DIAG_HTTPS(X) \
	X(DIAG_CANCELLED_HERE, 0, 0, 410, "LocalFailure", "Canceled", \
	  "The invitation was cancelled by this application") \
	X(DIAG_DECLINED_HERE, 0, 0, 410, "LocalFailure", "Declined", \
	  "The invitation was declined by this application") \
	X(DIAG_DECLINED_ELSEWHERE, 0, 0, 410, "LocalFailure", "Declined", \
	  "The invitation was declined at another endpoint") \
	X(DIAG_BAD_JSON, 0, 0, 400, "BadRequest", "DeserializationFailure", \
	  "The request body cannot be read") \
	X(DIAG_BAD_PARAMETER, 0, 0, 400, "BadRequest", "ParameterValidationFailure", \
	  "The value of a parameter is invalid") \
	X(DIAG_ORIGIN, 28070, 0, 403, "Forbidden", "", \
	  "Service does not allow a cross domain request from this origin.") \
	X(DIAG_TLS_REQUIRED, 0, 0, 403, "Forbidden", "", "This resource is served over HTTPS only") \
	X(DIAG_MOBILITY_OFF, 0, 0, 403, "Forbidden", "NotAllowed", \
	  "Mobility is not enabled for this user") \
	X(DIAG_PUSH_OFF, 0, 0, 403, "Forbidden", "NotAllowed", \
	  "Push notifications are not enabled for this user or platform") \
	X(DIAG_NOT_IN_BATCH, 0, 0, 400, "BadRequest", "OperationNotSupported", \
	  "This request cannot be part of a batch") \
	X(DIAG_WATCH_LIMIT, 0, 0, 403, "Forbidden", "LimitExceeded", \
	  "This application has too many presence subscriptions, or too many users in them") \
	X(DIAG_NOT_FOUND, 0, 0, 404, "NotFound", "ResourceNotFound", \
	  "The resource does not exist") \
	X(DIAG_APPLICATION_NOT_FOUND, 0, 0, 404, "NotFound", "ApplicationNotFound", \
	  "The application resource does not exist") \
	X(DIAG_VERSION, 0, 0, 404, "NotFound", "APIVersionNotSupported", \
	  "This server does not have this version of the resource") \
	X(DIAG_CONVERSATION_NOT_FOUND, 0, 0, 404, "NotFound", "ConversationNotFound", \
	  "The conversation does not exist") \
	X(DIAG_NOT_ACCEPTABLE, 0, 0, 406, "NotAcceptable", "", \
	  "The resource does not have this format") \
	X(DIAG_CLIENT_TIMEOUT, 0, 0, 408, "ClientTimeout", "", \
	  "The request did not arrive in time") \
	X(DIAG_CONFLICT, 0, 0, 409, "Conflict", "", \
	  "The state of the resource does not allow this") \
	X(DIAG_ALREADY_EXISTS, 0, 0, 409, "Conflict", "AlreadyExists", \
	  "The resource already exists") \
	X(DIAG_INVALID_STATE, 0, 0, 409, "Conflict", "", \
	  "The state of the resource does not allow this operation") \
	X(DIAG_MAKE_ME_AVAILABLE, 0, 0, 409, "Conflict", "MakeMeAvailableRequired", \
	  "makeMeAvailable must come before this operation") \
	X(DIAG_PGET_REPLACED, 0, 0, 409, "Conflict", "PGetReplaced", \
	  "A newer event request has replaced this one") \
	X(DIAG_THREAD_EXISTS, 0, 0, 409, "Conflict", "ThreadIdAlreadyExists", \
	  "A conversation with this thread id already exists") \
	X(DIAG_GONE, 0, 0, 410, "Gone", "", "The resource is gone") \
	X(DIAG_PRECONDITION_FAILED, 0, 0, 412, "PreconditionFailed", "", \
	  "The resource has changed since it was read") \
	X(DIAG_PRECONDITION_REQUIRED, 0, 0, 428, "PreconditionRequired", "", \
	  "The operation requires an If-Match header") \
	X(DIAG_TOO_MANY_REQUESTS, 0, 0, 429, "TooManyRequests", "", "Too many requests") \
	X(DIAG_TOO_MANY_APPLICATIONS, 0, 0, 429, "TooManyRequests", "TooManyApplications", \
	  "This user has too many applications") \
	X(DIAG_TOO_MANY_CONVERSATIONS, 0, 0, 429, "TooManyRequests", "TooManyConversations", \
	  "This user has too many conversations") \
	X(DIAG_SERVICE_UNAVAILABLE, 0, 0, 503, "ServiceUnavailable", "", \
	  "The service is unavailable at the moment") \
	X(DIAG_SERVICE_TIMEOUT, 0, 0, 504, "Timeout", "Timeout", \
	  "The service did not answer in time")

#define DIAG_TABLE(X) \
	DIAG_MICROSOFT_OK(X) \
	DIAG_FRONT_END(X) \
	DIAG_MICROSOFT(X) \
	DIAG_CLEARING_HOUSE(X) \
	DIAG_HTTPS(X)

/* clang-format on */
