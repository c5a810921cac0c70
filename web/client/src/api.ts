// Generated from docs/openapi.json by `cargo xtask generate`.

export interface paths {
    "/w/{handle}/v1/auth/jwks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The keys that verify this workspace's access tokens. Check `aud` too: other workspaces' tokens have the same keys. */
        get: operations["getJwks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/auth/redeem": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Signs in by ticket: makes the person if there is none, and gives the ticket's role if it is the higher one.
         * @description The first ticket of an address that had only been typed in ends what was opened without it, password and sessions:
         *     somebody else may have typed it.
         */
        post: operations["redeemTicket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Renews a session: a new access token, and a new refresh token for the next time. */
        post: operations["refreshSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/auth/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Signs up and in. Everybody starts as a member: only a ticket gives more, since only it proves the address. */
        post: operations["register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/auth/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Opens a session. An unknown address and a wrong password have one answer, and take one time. */
        post: operations["signIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/auth/sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends the session of the access token; a retry finds it ended, and is answered the same. */
        post: operations["signOut"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the caller's channels and all public ones, in the order of their names. */
        get: operations["listChannels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/channels/{channelId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a channel that the caller may see. */
        get: operations["getChannel"];
        /** Makes a channel with the caller as its admin; one that is there gets these properties, if the caller may change it. */
        put: operations["putChannel"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/channels/{channelId}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the members of a channel that the caller may see, in the order of their ids. */
        get: operations["listMembers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/channels/{channelId}/members/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Lets a person into a channel. */
        put: operations["putMember"];
        post?: never;
        /** Takes a person out of a channel. */
        delete: operations["deleteMember"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/channels/{channelId}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists a channel's messages, newest first, without replies. */
        get: operations["listMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/channels/{channelId}/messages/{messageId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Posts a message. */
        put: operations["putMessage"];
        post?: never;
        /** Deletes a message for good. */
        delete: operations["deleteMessage"];
        options?: never;
        head?: never;
        /** Replaces a message's text. */
        patch: operations["editMessage"];
        trace?: never;
    };
    "/w/{handle}/v1/channels/{channelId}/messages/{messageId}/thread": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists a thread, oldest first; the first page begins with the message itself. */
        get: operations["listThread"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells the caller who they are. */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/me/avatar": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Announces a picture of the caller. Nobody sees it before it is completed. */
        post: operations["beginAvatar"];
        /** Takes the caller's picture away. */
        delete: operations["deleteAvatar"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/me/avatar/{uploadId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Checks what was uploaded and makes it the caller's picture. A retry is answered the same and changes nothing. */
        post: operations["completeAvatar"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the people of the workspace, in the order of their ids. */
        get: operations["listPeople"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/people/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a person, also a deactivated one. */
        get: operations["getPerson"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/people/{userId}/avatar": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Leads to a person's picture, by a link that is good for a minute. */
        get: operations["getAvatar"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/socket": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Opens a WebSocket (RFC 6455, subprotocol `threadly.v1`) that brings every event of every channel of the caller.
         * @description The token comes in the Authorization header or as a second subprotocol `bearer.{token}`. Frames are JSON texts:
         *     `{"type":"event","position","time","event","data"}`, `{"type":"ready","cursor"}` once what was missed has come,
         *     `{"type":"ping","cursor"}`, and `{"type":"reset","reason","cursor"}` where it can't. The client merges positions into
         *     its cursor; before its token expires it sends `{"type":"token","accessToken"}`. Close codes: 4401 token expired,
         *     4403 no longer allowed, 4408 slow reader, 4423 workspace suspended, 1012 going away: come again with the cursor.
         */
        get: operations["openSocket"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A picture. */
        Avatar: {
            /** @description The content's SHA-256 in hexadecimal: whoever has a picture of this digest need not ask for it again. */
            digest: string;
            /** @description The path that leads to it; another one once the picture is another. */
            url: string;
        };
        /** @description Where to put it, by one PUT with exactly these headers. */
        AvatarUpload: {
            /**
             * Format: date-time
             * @description The link is worth nothing from then on.
             */
            expiresAt: string;
            /** @description To be sent as they are. */
            headers: {
                [key: string]: string;
            };
            /**
             * Format: uuid
             * @description Names the upload when it is completed.
             */
            uploadId: string;
            /** @description Where to; signed, for nothing but the announced content. */
            url: string;
        };
        /** @description A picture that is about to be uploaded. */
        BeginAvatar: {
            /**
             * @description `image/png`, `image/jpeg`, `image/gif` or `image/webp`.
             * @example image/png
             */
            contentType: string;
            /**
             * Format: int64
             * @description Bytes, 1 MiB at most.
             */
            length: number;
            /**
             * @description The content's SHA-256: 64 hexadecimal digits in lower case.
             * @example 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
             */
            sha256: string;
        };
        /**
         * Format: uuid
         * @description A channel; also the key of everything in the message log, so that a channel has one order for everybody.
         */
        ChannelId: string;
        /** @description A page of channels, in the order of their names, case ignored. */
        ChannelPage: {
            /** @description The channels. */
            items: components["schemas"]["ChannelView"][];
            /** @description For the next page; null at the end. */
            nextCursor?: string | null;
        };
        /**
         * @description What a person is in a channel.
         * @enum {string}
         */
        ChannelRole: "admin" | "member";
        /** @description A channel as the caller sees it. */
        ChannelView: {
            /** @description The channel's id. */
            channelId: components["schemas"]["ChannelId"];
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            membership?: components["schemas"]["ChannelRole"] | null;
            /** @description Unique in the workspace, case ignored. */
            name: string;
            /** @description What it is about; may be empty. */
            topic: string;
            /**
             * Format: int64
             * @description Raised by one at every change.
             */
            version: number;
            /** @description Who may see it. */
            visibility: components["schemas"]["Visibility"];
        };
        /** @description A message's new text. */
        EditMessage: {
            /**
             * @description The whole new text, with the rules of a new message.
             * @example Good morning, all!
             */
            text: string;
        };
        /** @description A JSON Web Key Set (RFC 7517). */
        Jwks: {
            keys: components["schemas"]["PublicJwk"][];
        };
        /** @description The caller. */
        Me: {
            avatar?: components["schemas"]["Avatar"] | null;
            /** @description As shown to others. */
            displayName: string;
            /** @description The address that the caller signs in with; nobody else is told. Null where none is known. */
            email?: string | null;
            /** @description In the workspace. */
            role: components["schemas"]["Role"];
            /** @description The caller's id. */
            userId: components["schemas"]["UserId"];
        };
        /** @description A member of a channel. */
        Member: {
            avatar?: components["schemas"]["Avatar"] | null;
            /** @description As shown to others. */
            displayName: string;
            /** @description In the channel. */
            role: components["schemas"]["ChannelRole"];
            /** @description The person's id. */
            userId: components["schemas"]["UserId"];
        };
        /** @description A page of members, in the order of their ids. */
        MemberPage: {
            /** @description The members. */
            items: components["schemas"]["Member"][];
            /** @description For the next page; null at the end. */
            nextCursor?: string | null;
        };
        /**
         * Format: uuid
         * @description A message, unique within its channel. Made by the client; its timestamp is never trusted.
         */
        MessageId: string;
        /** @description A page of messages. */
        MessagePage: {
            /** @description In the order that the endpoint says. */
            items: components["schemas"]["MessageView"][];
            /** @description For the next page; null at the end. */
            nextCursor?: string | null;
        };
        /** @description A message as read. */
        MessageView: {
            /**
             * @description The place of its last change.
             * @example p1.0.4720
             */
            changedPosition: string;
            /** @description Its channel. */
            channelId: components["schemas"]["ChannelId"];
            /**
             * Format: date-time
             * @description By the log's clock.
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description By the log's clock.
             */
            deletedAt?: string | null;
            /**
             * Format: date-time
             * @description By the log's clock.
             */
            editedAt?: string | null;
            /** @description Its id. */
            messageId: components["schemas"]["MessageId"];
            parentMessageId?: components["schemas"]["MessageId"] | null;
            /**
             * @description The place of its CREATED.
             * @example p1.0.4711
             */
            position: string;
            /**
             * Format: int64
             * @description Replies that are not deleted; 0 for replies.
             */
            replyCount: number;
            /**
             * Format: int64
             * @description Dense per channel, from 1, in log order.
             */
            sequence: number;
            /** @description The last text; null once deleted. */
            text?: string | null;
            /** @description Who said it. */
            userId: components["schemas"]["UserId"];
        };
        /** @description A page of people, in the order of their ids. */
        PeoplePage: {
            /** @description The people. */
            items: components["schemas"]["Person"][];
            /** @description For the next page; null at the end. */
            nextCursor?: string | null;
        };
        /** @description Somebody in the workspace. */
        Person: {
            /** @description False once deactivated; listed still, because their messages stay. */
            active: boolean;
            avatar?: components["schemas"]["Avatar"] | null;
            /** @description As shown to others. */
            displayName: string;
            /** @description In the workspace. */
            role: components["schemas"]["Role"];
            /** @description The person's id. */
            userId: components["schemas"]["UserId"];
        };
        /** @description An error answer. `detail` is for people and may change; `code` is for programs and does not. */
        Problem: {
            /** @description Stable, lower case, hyphenated. */
            code: string;
            /** @description What was wrong with this request. */
            detail: string;
            /** @description The field that was wrong, as a path such as `text` or `members[0]`. */
            field?: string | null;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
            /** @description The status's name. */
            title: string;
            /** @description `https://threadly.dev/problems/{code}`. */
            type: string;
        };
        /** @description An RFC 8037 JSON Web Key. */
        PublicJwk: {
            /** @description `EdDSA`. */
            alg: string;
            /** @description `Ed25519`. */
            crv: string;
            /** @description The key's id. */
            kid: string;
            /** @description `OKP`. */
            kty: string;
            /** @description `sig`. */
            use: string;
            /** @description The key, base64url. */
            x: string;
        };
        /** @description All properties of a channel. */
        PutChannel: {
            /**
             * @description Unique in the workspace, case ignored: 1 to 80 characters, no control characters; white space at the ends is
             *     removed.
             * @example general
             */
            name: string;
            /**
             * @description What it is about: up to 250 characters, no control characters; empty if absent.
             * @example Everything that has no channel of its own
             */
            topic?: string;
            /** @description Who may see it. */
            visibility: components["schemas"]["Visibility"];
        };
        /** @description A message to post. */
        PutMessage: {
            parentMessageId?: components["schemas"]["MessageId"] | null;
            /**
             * @description 1 to 20,000 characters; no control characters other than tab and line feed.
             * @example Good morning!
             */
            text: string;
        };
        /** @description A ticket to redeem. */
        Redeem: {
            /**
             * @description For somebody new: 1 to 80 characters, no control characters. By default what stands before the address's `@`.
             * @example Ada Lovelace
             */
            displayName?: string | null;
            sessionId?: components["schemas"]["SessionId"] | null;
            /** @description As in the sign-in link. */
            ticket: string;
        };
        /** @description A refresh token to use. */
        Refresh: {
            /** @description Of the last answer. */
            refreshToken: string;
        };
        /** @description Somebody new. */
        Register: {
            /**
             * @description 1 to 80 characters, no control characters; white space at the ends is dropped.
             * @example Ada Lovelace
             */
            displayName: string;
            /**
             * @description One address is one person, whatever its case.
             * @example ada@acme.example
             */
            email: string;
            /** @description 10 to 128 characters. */
            password: string;
            sessionId?: components["schemas"]["SessionId"] | null;
            /** @description Made by the client, a UUIDv7; the same in every retry. */
            userId: components["schemas"]["UserId"];
        };
        /**
         * @description What a person is in a workspace.
         * @enum {string}
         */
        Role: "owner" | "admin" | "member" | "guest";
        /** @description What a device needs until it signs out. */
        Session: {
            /** @description A JWT for `Authorization: Bearer`, valid in this workspace. */
            accessToken: string;
            /**
             * Format: int64
             * @description Seconds until the access token ends.
             */
            expiresIn: number;
            /** @description Good for one refresh, for 30 days. */
            refreshToken: string;
            /** @description Who has signed in. */
            user: components["schemas"]["SessionUser"];
        };
        /**
         * Format: uuid
         * @description One signed-in device.
         */
        SessionId: string;
        /** @description Who a session belongs to. */
        SessionUser: {
            displayName: string;
            /** @description None where no address is known. */
            email?: string | null;
            role: components["schemas"]["Role"];
            userId: components["schemas"]["UserId"];
        };
        /** @description Who, and the proof. */
        SignIn: {
            /**
             * @description In any case.
             * @example ada@acme.example
             */
            email: string;
            /** @description As registered. */
            password: string;
            sessionId?: components["schemas"]["SessionId"] | null;
        };
        /**
         * Format: uuid
         * @description A person in one workspace.
         */
        UserId: string;
        /**
         * @description Who may see that a channel exists and join it.
         * @enum {string}
         */
        Visibility: "public" | "private";
        /** @description The answer to a write. */
        Written: {
            /** @description The message. */
            messageId: components["schemas"]["MessageId"];
            /**
             * @description The record's place in the log; `atLeast` takes it.
             * @example p1.0.4711
             */
            position: string;
            /**
             * Format: date-time
             * @description By the log's clock.
             */
            time: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: {
        /**
         * @description The version of what Postgres keeps. `If-None-Match` with it is answered 304 while it is current, `If-Match` 412 once it is not.
         * @example "3"
         */
        etag: string;
        /**
         * @description Where it is.
         * @example https://buckets.example/threadly-k3v7q2hdm6xa/avatars/ada
         */
        location: string;
        /**
         * @description What is left of it: `r` requests now, all of them after `t` seconds. Where requests are counted.
         * @example "default";r=399;t=1
         */
        ratelimit: string;
        /**
         * @description What the caller may ask: `q` requests in `w` seconds.
         * @example "default";q=400;w=4
         */
        "ratelimit-policy": string;
        /**
         * @description With 429 and 503: seconds to wait before the same request is made again.
         * @example 1
         */
        "retry-after": number;
        /**
         * @description The record's place in the log; of a list, the place up to which it is complete. `atLeast` takes it.
         * @example p1.0.4711
         */
        "threadly-position": string;
        /**
         * @description With 401: the scheme.
         * @example Bearer
         */
        "www-authenticate": string;
        /**
         * @description Names this request in our logs. One that the client sent is taken over: up to 64 letters, digits, `-` and `_`.
         * @example 01934f2e-0000-7000-8000-00000000000a
         */
        "x-request-id": string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getJwks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Jwks"];
                };
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    redeemTicket: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "displayName": "Ada Lovelace",
                 *       "ticket": "example"
                 *     }
                 */
                "application/json": components["schemas"]["Redeem"];
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description `ticket-used` or `ticket-expired` */
            410: {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    refreshSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "refreshToken": "example"
                 *     }
                 */
                "application/json": components["schemas"]["Refresh"];
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description 401: sign in again */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    register: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "displayName": "Ada Lovelace",
                 *       "email": "ada@acme.example",
                 *       "password": "example---",
                 *       "userId": "01934f2e-0000-7000-8000-000000000001"
                 *     }
                 */
                "application/json": components["schemas"]["Register"];
            };
        };
        responses: {
            /** @description Registered before, with the same id, address and password */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Registered */
            201: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@acme.example",
                 *       "password": "example"
                 *     }
                 */
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session has ended; others refuse its tokens within 5 seconds */
            204: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listChannels: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                /** @description Items at most, 1 to 200. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelPage"];
                };
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The channel. */
                channelId: components["schemas"]["ChannelId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelView"];
                };
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The channel. */
                channelId: components["schemas"]["ChannelId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "general",
                 *       "topic": "Everything that has no channel of its own",
                 *       "visibility": "public"
                 *     }
                 */
                "application/json": components["schemas"]["PutChannel"];
            };
        };
        responses: {
            /** @description It has these properties, now or before */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelView"];
                };
            };
            /** @description It is made */
            201: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelView"];
                };
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listMembers: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                /** @description Items at most, 1 to 200. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The channel. */
                channelId: components["schemas"]["ChannelId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberPage"];
                };
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The channel. */
                channelId: components["schemas"]["ChannelId"];
                /** @description The person. */
                userId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They were in already */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description They are in, and receive what is posted from now on */
            201: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The channel. */
                channelId: components["schemas"]["ChannelId"];
                /** @description The person. */
                userId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are out, now or before */
            204: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listMessages: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                /** @description Items at most, 1 to 200. */
                limit?: number;
                /**
                 * @description A position or cursor that the answer must include.
                 * @example p1.0.4711
                 */
                atLeast?: string;
            };
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The channel. */
                channelId: components["schemas"]["ChannelId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Complete up to the place in the header `threadly-position` */
            200: {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "threadly-position": components["headers"]["threadly-position"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagePage"];
                };
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The channel. */
                channelId: components["schemas"]["ChannelId"];
                /** @description The message. */
                messageId: components["schemas"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "text": "Good morning!"
                 *     }
                 */
                "application/json": components["schemas"]["PutMessage"];
            };
        };
        responses: {
            /** @description It was there already */
            200: {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "threadly-position": components["headers"]["threadly-position"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Written"];
                };
            };
            /** @description In the log, acknowledged by every in-sync replica */
            201: {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "threadly-position": components["headers"]["threadly-position"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Written"];
                };
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `outcome-unknown`: retry with the same id */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The channel. */
                channelId: components["schemas"]["ChannelId"];
                /** @description The message. */
                messageId: components["schemas"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is deleted, now or before */
            200: {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "threadly-position": components["headers"]["threadly-position"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Written"];
                };
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    editMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The channel. */
                channelId: components["schemas"]["ChannelId"];
                /** @description The message. */
                messageId: components["schemas"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "text": "Good morning, all!"
                 *     }
                 */
                "application/json": components["schemas"]["EditMessage"];
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "threadly-position": components["headers"]["threadly-position"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Written"];
                };
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listThread: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                /** @description Items at most, 1 to 200. */
                limit?: number;
                /**
                 * @description A position or cursor that the answer must include.
                 * @example p1.0.4711
                 */
                atLeast?: string;
            };
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The channel. */
                channelId: components["schemas"]["ChannelId"];
                /** @description The message. */
                messageId: components["schemas"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Complete up to the place in the header `threadly-position` */
            200: {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "threadly-position": components["headers"]["threadly-position"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagePage"];
                };
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMe: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    beginAvatar: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "contentType": "image/png",
                 *       "length": 1,
                 *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
                 *     }
                 */
                "application/json": components["schemas"]["BeginAvatar"];
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AvatarUpload"];
                };
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteAvatar: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The caller has no picture, now or before */
            204: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    completeAvatar: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The upload. */
                uploadId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is the caller's picture, now or before */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Avatar"];
                };
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPeople: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                /** @description Items at most, 1 to 200. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PeoplePage"];
                };
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPerson: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The person. */
                userId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAvatar: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The person. */
                userId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `Location` is a link to the picture */
            302: {
                headers: {
                    location: components["headers"]["location"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    openSocket: {
        parameters: {
            query?: {
                /**
                 * @description The last cursor that the client has merged: what it has missed comes first, or a `reset` frame.
                 * @example c1.4711.320
                 */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Open */
            101: {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused; `code` says why */
            "4XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "www-authenticate": components["headers"]["www-authenticate"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Trouble here; a 503 may succeed after `retry-after` seconds */
            "5XX": {
                headers: {
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "retry-after": components["headers"]["retry-after"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
