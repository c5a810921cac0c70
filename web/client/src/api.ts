// Generated from docs/openapi.json by `cargo xtask generate`.

export interface paths {
    "/w/{handle}/v1/auth/accept-invitation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Makes the account of somebody who was invited, with the invitation's role, channels and teams, and signs them in.
         * @description An invitation that was sent to an address proves it. By a link the address is typed in: a letter asks its reader to
         *     prove it. Who has an account signs in and joins by `joinByInvitation`.
         */
        post: operations["acceptInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/auth/forgot-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Asks for a letter with a link that sets a new password. The answer is the same for every address. At most 3 letters
         *     within a quarter of an hour go to an address, and 20 are asked for from a network; whoever had them sent, their links
         *     work until there may be another.
         */
        post: operations["forgotPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/auth/invitation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tells whoever has an invitation's link what it is, if it is still good. Nothing is used up by it. */
        post: operations["peekInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/auth/issuers/begin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begins a sign-in by an issuer (OpenID Connect, authorization code with PKCE). */
        post: operations["beginSignIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/auth/issuers/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ends a sign-in by an issuer: whoever the issuer vouches for is signed in, and let in by the workspace's rule if they
         *     are here for the first time. A code is good once: after a lost answer the sign-in begins again.
         */
        post: operations["finishSignIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
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
         * Signs in by ticket: makes the person if there is none, with the role of the ticket, of the newest invitation to its
         *     address, or of a member where the workspace's rule lets the address in. Whoever has a higher role keeps it.
         * @description The first ticket of an address that had only been typed in ends what was opened without it: password, second factor,
         *     tokens, sessions and changes of the address that were asked for. Somebody else may have typed it.
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
        /**
         * Signs up and in. Everybody starts as a member: only a ticket gives more, since only it proves the address. Who often finds
         *     an address taken waits before the next try, as who signs in in vain.
         */
        post: operations["register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/auth/reset-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sets a new password and signs in; all other devices are signed out, all API tokens end, and the address is told. It also
         *     proves the address. Never slowed by what failed before, except by wrong codes of the second factor that came with a
         *     ticket.
         */
        post: operations["resetPassword"];
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
        /**
         * Opens a session; of more than 200 the one ends that was used the longest ago. An unknown address and a wrong password have one answer, and take one time.
         * @description Who fails often waits before the next try, at most a minute. From a network where the account was signed in to before,
         *     what others do elsewhere makes nobody wait. Whoever has the mailbox never waits: a new password by e-mail signs in.
         */
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
        /**
         * Ends the session of the access token; an API token ends itself, whatever its scopes. A retry finds it ended, and is
         *     answered the same.
         */
        post: operations["signOut"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/auth/sign-up": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Asks for a letter with a link that lets its reader in, by the workspace's rule or by an invitation to the address. The
         *     answer is the same for every address; an address that has an account gets a letter that says so. At most 5 letters an
         *     hour go to an address, and 20 are asked for from a network.
         */
        post: operations["signUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/auth/verify-email": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Proves the address that a letter with this ticket reached, for the account that the letter is about, once its holder has
         *     signed in: on another device than before, too. If the account is to have that address, it has it now, and its former
         *     address is told. A letter about an account that somebody else made proves nothing: whoever reads it gets that account
         *     by asking for a new password.
         */
        post: operations["verifyEmail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/bots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the workspace's bots, in the order of their ids. For admins. */
        get: operations["listBots"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/bots/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Makes a bot, a member that does not count against the workspace's limit of members; one that is there gets this name.
         *     A workspace has at most 100, deactivated ones included. For admins.
         */
        put: operations["putBot"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/bots/{userId}/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists a bot's API tokens, in the order of their ids. Their secrets are not known here. For admins. */
        get: operations["listBotTokens"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/bots/{userId}/tokens/{tokenId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Makes an API token for a bot, as `putToken` does for oneself. For admins who have signed in: no token makes it. */
        put: operations["putBotToken"];
        post?: never;
        /** Ends an API token of a bot's; its sockets close. For admins. */
        delete: operations["deleteBotToken"];
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
        /**
         * Lists the caller's channels and, unless the caller is a guest, all public ones, in the order of their names.
         *     Conversations are listed by themselves.
         */
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
        /** Shows a channel, or a conversation, that the caller may see. */
        get: operations["getChannel"];
        /**
         * Makes a channel with the caller as its admin, of at most 20,000 in the workspace; one that is there gets these properties, if the caller may change it.
         *     With `If-Match`, only the version that is named; a change that was made already is answered as if it were made now.
         */
        put: operations["putChannel"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/channels/{channelId}/archive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Archives a channel: it can be read, left and brought back, and nothing else happens in it. Its name stays its own. */
        put: operations["archiveChannel"];
        post?: never;
        /** Brings an archived channel back. */
        delete: operations["restoreChannel"];
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
        /**
         * Lists the members of a channel that the caller may see, in the order of their ids; with `q`, those whose names have
         *     it.
         */
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
        /**
         * Lets a person into a channel, or gives a member another role, which takes one of its admins or of the workspace's. No
         *     body says no role. Guests and bots come in alike, deactivated people do not.
         */
        put: operations["putMember"];
        post?: never;
        /**
         * Takes a person out of a channel. Everybody may leave, also the last admin: the workspace's admins look after what is
         *     left. Leaving again changes nothing.
         */
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
    "/w/{handle}/v1/conversations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the conversations that the caller is in, with their members, the one that was opened last first. */
        get: operations["listConversations"];
        put?: never;
        /**
         * Opens a conversation of two to nine people, or finds the one that they have. Guests open one only with people with whom
         *     they share a channel or a team. One that is there is found also when somebody in it is deactivated. Nobody opens more
         *     than 5,000.
         */
        post: operations["openConversation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the workspace's invitations, whoever made them and whatever became of them, the newest first. */
        get: operations["listInvitations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/invitations/{invitationId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows an invitation, and how often it was used. */
        get: operations["getInvitation"];
        /**
         * Asks somebody in: writes to an address, or gives the secret of a link. A retry finds the invitation that it made, writes
         *     to nobody again, and gets another secret for the same link. Whether the workspace has room is asked when they come. Within a
         *     day 3 invitations go to an address, and 1,000 to all: more are answered 429 `too-many-invitations`.
         */
        put: operations["putInvitation"];
        post?: never;
        /** Takes an invitation back: nobody comes in by it any more. Whoever has come stays. */
        delete: operations["deleteInvitation"];
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
        /**
         * Changes the caller's profile. With `If-Match`, only the version that is named; a change that was made already is
         *     answered as if it were made now.
         */
        patch: operations["patchMe"];
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
        /**
         * Announces a picture of the caller. Nobody sees it before it is completed. Refused with `workspace-storage-full` where
         *     all pictures together would take more bytes than the workspace may hold.
         */
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
    "/w/{handle}/v1/me/email": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Asks for another address. It is the account's once the ticket in the letter to it is verified; then the former address
         *     is told. Whether somebody else has it is said no earlier.
         */
        put: operations["changeEmail"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/me/email-verification": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sends the letter that proves one's address again; does nothing if it is proved. At most 5 letters an hour go to an
         *     address.
         */
        post: operations["sendEmailVerification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/me/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Uses an invitation as the caller: they are let into its channels and teams. Only who has signed in may, no token.
         * @description The caller's role rises to the invitation's if that is higher and the invitation was sent to the caller's address,
         *     which is proved. A second use by the same caller changes nothing.
         */
        post: operations["joinByInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Changes one's password; all other devices are signed out, and the address is told. Sent again, it finds the new
         *     password set, and changes nothing.
         */
        put: operations["changePassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/me/recovery-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Makes ten new recovery codes; the old ones are no good any more. Sent again, it makes new ones again: the last answer
         *     counts.
         */
        post: operations["makeRecoveryCodes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/me/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells whether signing in needs a code, and how many recovery codes are left. */
        get: operations["getSecondFactor"];
        /**
         * Turns the second factor on: from now on signing in needs a code. Sent again with the same code within two minutes, it
         *     answers with new recovery codes.
         */
        put: operations["confirmSecondFactor"];
        /**
         * Makes a secret for an authenticator app. Nothing changes until a code of it is confirmed; asked again within the hour,
         *     the answer is the same.
         */
        post: operations["beginSecondFactor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/me/second-factor/removal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Turns the second factor off and forgets its recovery codes; does nothing if it is off. */
        post: operations["removeSecondFactor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/me/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the devices that one is signed in on, those first that signed in last. */
        get: operations["listOwnSessions"];
        put?: never;
        post?: never;
        /** Signs all of one's other devices out. */
        delete: operations["endOtherSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/me/sessions/{sessionId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Signs a device of one's own out, this one or another; does nothing if it is. */
        delete: operations["endOwnSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/me/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Says what the caller is doing, in the place of what they said before. Nobody is shown it once it is over. */
        put: operations["putStatus"];
        post?: never;
        /** Takes the caller's status away. */
        delete: operations["deleteStatus"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/me/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the caller's API tokens, in the order of their ids. Their secrets are not known here. */
        get: operations["listTokens"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/me/tokens/{tokenId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Makes an API token for the caller, at most 50 that live. Only who has signed in may, no token.
         * @description The secret is in this answer and never shown again. A retry within 10 minutes, equal in all, gets another secret for the
         *     same token, and the first is worth nothing.
         */
        put: operations["putToken"];
        post?: never;
        /** Ends an API token of the caller's; its sockets close. */
        delete: operations["deleteToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/meta": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells what the workspace is called, who may register, and what clients may rely on. No token is needed. */
        get: operations["getMeta"];
        put?: never;
        post?: never;
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
        /**
         * Lists people, in the order of their names; active and deactivated ones stand among each other. Whoever was erased is
         *     left out. A guest is shown only people with whom they share a channel or a team, and themselves.
         */
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
        /** Shows a person, also a deactivated one. To a guest, people with whom they share no channel and no team do not exist. */
        get: operations["getPerson"];
        put?: never;
        post?: never;
        /**
         * Erases a person or a bot, for good: for owners, and for oneself.
         * @description Gone are the account's name, address, profile, picture, password, second factor, recovery codes, identities at
         *     issuers, sessions with where they came from, API tokens, tickets, letters and invitations to the address, counts of
         *     failed sign-ins, and the memberships of channels and teams. The picture leaves the object store within seconds, or once
         *     the store answers; one that was being uploaded leaves it within a day. What stays: the messages, in the channels that they were posted in, by the id of
         *     this person, who is called "Deleted person" from now on; direct and group conversations, for the others in them; which
         *     channels, teams and invitations the id made. Events in the log that told of the name age out with it.
         */
        delete: operations["erasePerson"];
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
    "/w/{handle}/v1/people/{userId}/deactivation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Deactivates a person or a bot; anybody may deactivate themselves.
         * @description Their sessions, refresh tokens, API tokens and open invitations end at once, and they can't sign in. All that they said
         *     and are members of stays. They are told by letter.
         */
        put: operations["deactivatePerson"];
        post?: never;
        /**
         * Activates a person or a bot again, if the workspace has room for another member. They sign in anew; API tokens that
         *     ended stay so.
         */
        delete: operations["reactivatePerson"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/people/{userId}/role": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Gives somebody a role, also oneself a lower one. Admins make guests members and members guests; all else is for owners.
         * @description The last active owner stays one: 409 `last-owner`. A member who becomes a guest keeps the channels that they are in.
         *     Invitations that somebody has made and could not make with the new role are taken back.
         */
        put: operations["putRole"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/people/{userId}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends every session of a person's, on all their devices; API tokens stay. They may sign in again. */
        delete: operations["deletePersonSessions"];
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
    "/w/{handle}/v1/teams": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the workspace's teams, in the order of their names; to a guest, those that they are in. */
        get: operations["listTeams"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/teams/{teamId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a team. To a guest, teams that they are not in do not exist. */
        get: operations["getTeam"];
        /**
         * Makes a team with the caller as its lead, of at most 5,000 in the workspace; one that is there gets these properties, if the caller leads it. With
         *     `If-Match`, only the version that is named; a change that was made already is answered as if it were made now.
         */
        put: operations["putTeam"];
        post?: never;
        /** Ends a team that the caller leads: nobody finds it any more, and its name is free again. Its id stays its own. */
        delete: operations["deleteTeam"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/teams/{teamId}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the members of a team that the caller may see, in the order of their ids; with `q`, those whose names have it. */
        get: operations["listTeamMembers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/w/{handle}/v1/teams/{teamId}/members/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Lets a person into a team that the caller leads, or gives a member another role. No body says no role. Guests and bots
         *     come in alike, deactivated people do not.
         */
        put: operations["putTeamMember"];
        post?: never;
        /**
         * Takes a person out of a team that the caller leads. Everybody may leave, also the last lead: the workspace's admins look
         *     after what is left. Leaving again changes nothing.
         */
        delete: operations["deleteTeamMember"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description Somebody who was invited.
         * @example {
         *       "displayName": "Grace Hopper",
         *       "email": "grace@acme.example",
         *       "password": "correct horse battery",
         *       "sessionId": "019aab3c-5d7e-7f11-9b3c-4d5e6f7a8b9c",
         *       "token": "pVQmL1sPq0m3v8e2Yb7Xw4Tz6Rk9Nc5Hd1Jf3Ga7Us0",
         *       "userId": "019aab3c-5d7e-7f10-8a2b-3c4d5e6f7a8b"
         *     }
         */
        AcceptInvitation: {
            /** @description 1 to 80 characters in one line. */
            displayName: string;
            /** @description Needed where the invitation is a link for everybody. One that was sent to an address is for that address alone. */
            email?: string | null;
            /** @description 10 to 128 characters. */
            password: string;
            sessionId?: components["schemas"]["SessionId"] | null;
            /** @description As in the link. */
            token: string;
            /** @description Made by the client, a UUIDv7; the same in every retry. */
            userId: components["schemas"]["UserId"];
        };
        /**
         * @description What is behind an account.
         * @enum {string}
         */
        AccountKind: "person" | "bot";
        /** @description The API's limits. */
        ApiLimits: {
            /**
             * Format: int64
             * @description Items of a page that asks for no number.
             */
            defaultPageLimit: number;
            /** @description The largest request body, in bytes. */
            maxBodyBytes: number;
            /** @description The longest message, in Unicode scalar values. */
            maxMessageChars: number;
            /**
             * Format: int64
             * @description Items of a page at most.
             */
            maxPageLimit: number;
        };
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
        /**
         * @description A picture that is about to be uploaded.
         * @example {
         *       "contentType": "image/png",
         *       "length": 48211,
         *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
         *     }
         */
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
         * @description Who asks proves once more who they are.
         * @example {
         *       "password": "correct horse battery"
         *     }
         */
        BeginSecondFactor: {
            /** @description The account's, if it has one. */
            password?: string | null;
        };
        /**
         * @description Who is to sign in where.
         * @example {
         *       "issuer": "https://id.acme.example",
         *       "redirectUri": "https://talk.acme.example/signed-in"
         *     }
         */
        BeginSignIn: {
            /** @description One of `issuers` of the workspace's `meta` by which people sign in. */
            issuer: string;
            /** @description Where the issuer sends the browser back to; the issuer knows it. */
            redirectUri: string;
        };
        /** @description A sign-in that has begun. */
        BegunSignIn: {
            /** @description To be kept by this browser alone until it comes back, for ten minutes. */
            flow: string;
            /** @description What it comes back with. */
            state: string;
            /** @description Where the browser goes. */
            url: string;
        };
        /** @description A bot. */
        Bot: {
            /** @description False once deactivated. */
            active: boolean;
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /** @description As shown to others. */
            displayName: string;
            /** @description The bot's id: it is a person of its own kind. */
            userId: components["schemas"]["UserId"];
            /**
             * Format: int64
             * @description Raised by one at every change.
             */
            version: number;
        };
        /** @description A page of bots, in the order of their ids. */
        BotPage: {
            /** @description The bots, without those that were erased. */
            items: components["schemas"]["Bot"][];
            /** @description For the next page; null at the end. */
            nextCursor?: string | null;
        };
        /**
         * @description The new address, and who asks proves once more who they are.
         * @example {
         *       "email": "ada.lovelace@acme.example",
         *       "password": "correct horse battery"
         *     }
         */
        ChangeEmail: {
            /** @description Where the letter goes. */
            email: string;
            /** @description The account's, if it has one. */
            password?: string | null;
        };
        /**
         * @description The old password and the new one.
         * @example {
         *       "currentPassword": "correct horse battery",
         *       "newPassword": "correct horse battery"
         *     }
         */
        ChangePassword: {
            /** @description Needed if the account has one. */
            currentPassword?: string | null;
            /** @description 10 to 128 characters. */
            newPassword: string;
        };
        /**
         * Format: uuid
         * @description A channel; also the key of everything in the message log, so that a channel has one order for everybody.
         */
        ChannelId: string;
        /**
         * @description What a channel is to its members.
         * @enum {string}
         */
        ChannelKind: "channel" | "direct" | "group";
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
            /** @description Whether it can only be read. */
            archived: boolean;
            /** @description The channel's id. */
            channelId: components["schemas"]["ChannelId"];
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /** @description A channel, or a conversation of people who are always the same. */
            kind: components["schemas"]["ChannelKind"];
            membership?: components["schemas"]["ChannelRole"] | null;
            /** @description Unique among the workspace's channels, as are names that look alike; empty for conversations. */
            name: string;
            /** @description Who may post in it. */
            posting: components["schemas"]["Posting"];
            /** @description What the channel is for, in one line or several; may be empty. */
            purpose: string;
            /** @description What is talked about now; may be empty. */
            topic: string;
            /**
             * Format: int64
             * @description Raised by one at every change.
             */
            version: number;
            /** @description Who may see it. */
            visibility: components["schemas"]["Visibility"];
        };
        /**
         * @description The first code.
         * @example {
         *       "code": "123456"
         *     }
         */
        ConfirmSecondFactor: {
            /**
             * @description What the app shows: 6 digits.
             * @example 123456
             */
            code: string;
        };
        /** @description A conversation that the caller is in. */
        Conversation: {
            /** @description The id of its channel, which messages go by. */
            channelId: components["schemas"]["ChannelId"];
            /**
             * Format: date-time
             * @description When it was opened first.
             */
            createdAt: string;
            /** @description `direct` of two people, `group` of more. */
            kind: components["schemas"]["ChannelKind"];
            /** @description Everybody in it, the caller too, in the order of their ids. */
            members: components["schemas"]["Member"][];
        };
        /** @description A page of conversations, the one that was opened last first. */
        ConversationPage: {
            /** @description The conversations. */
            items: components["schemas"]["Conversation"][];
            /** @description For the next page; null at the end. */
            nextCursor?: string | null;
        };
        /** @description A message's new text. */
        EditMessage: {
            /**
             * @description The whole new text, with the rules of a new message.
             * @example Good morning, all!
             */
            text: string;
        };
        /**
         * @description What the browser has come back with.
         * @example {
         *       "code": "SplxlOBeZQQYbYS6WxSbIA",
         *       "flow": "eyJhbGciOiJFZERTQSJ9.e30.c2ln",
         *       "sessionId": "019aab3c-5d7e-7f11-9b3c-4d5e6f7a8b9c",
         *       "state": "f1Jx0m2yVbY3"
         *     }
         */
        FinishSignIn: {
            /** @description Of the query. */
            code: string;
            /** @description As `beginSignIn` answered it. */
            flow: string;
            /** @description Of the query, if it has one (RFC 9207). */
            iss?: string | null;
            sessionId?: components["schemas"]["SessionId"] | null;
            /** @description Of the query. */
            state: string;
        };
        /**
         * @description Who has forgotten.
         * @example {
         *       "email": "ada@acme.example"
         *     }
         */
        ForgotPassword: {
            /**
             * @description The account's address, in any case.
             * @example ada@acme.example
             */
            email: string;
        };
        /** @description An invitation. */
        Invitation: {
            /** @description Where they find themselves afterwards. */
            channels: components["schemas"]["ChannelId"][];
            /**
             * Format: date-time
             * @description When.
             */
            createdAt: string;
            /** @description Who asked them. */
            createdBy: components["schemas"]["UserId"];
            /** @description Whom it was sent to; null of a link, which is for whoever has it. */
            email?: string | null;
            /**
             * Format: date-time
             * @description It is good until then.
             */
            expiresAt: string;
            /** @description The invitation's id. */
            invitationId: components["schemas"]["InvitationId"];
            /**
             * Format: int32
             * @description How often it may be used.
             */
            maxUses: number;
            /** @description What they are to be. */
            role: components["schemas"]["Role"];
            /** @description Whether it lets anybody in. */
            state: components["schemas"]["InvitationState"];
            /** @description The teams that they are in afterwards. */
            teams: components["schemas"]["TeamId"][];
            /**
             * Format: int32
             * @description How often it was.
             */
            uses: number;
        };
        /**
         * Format: uuid
         * @description An invitation.
         */
        InvitationId: string;
        /** @description A page of invitations, the newest first. */
        InvitationPage: {
            /** @description The invitations. */
            items: components["schemas"]["Invitation"][];
            /** @description For the next page; null at the end. */
            nextCursor?: string | null;
        };
        /**
         * @description Whether an invitation lets anybody in.
         * @enum {string}
         */
        InvitationState: "open" | "used" | "expired" | "revoked";
        /**
         * @description The secret of an invitation.
         * @example {
         *       "token": "pVQmL1sPq0m3v8e2Yb7Xw4Tz6Rk9Nc5Hd1Jf3Ga7Us0"
         *     }
         */
        InvitationToken: {
            /** @description As in the link. */
            token: string;
        };
        /** @description What an invitation is. */
        InvitationView: {
            /** @description Whom it was sent to; null for a link for everybody. */
            email?: string | null;
            /**
             * Format: date-time
             * @description When it ends.
             */
            expiresAt: string;
            /** @description Who invites. */
            inviter: string;
            /** @description What its user is to be. */
            role: components["schemas"]["Role"];
            /** @description The workspace's name. */
            workspace: string;
        };
        /** @description What the caller is now. */
        Joined: {
            /** @description In the workspace. */
            role: components["schemas"]["Role"];
            /** @description The caller. */
            userId: components["schemas"]["UserId"];
        };
        /** @description A JSON Web Key Set (RFC 7517). */
        Jwks: {
            keys: components["schemas"]["PublicJwk"][];
        };
        /** @description The caller. */
        Me: components["schemas"]["Person"] & {
            /** @description The address that the caller signs in with; nobody else is told. Null where none is known. */
            email?: string | null;
        };
        /** @description A member of a channel or a conversation. */
        Member: {
            /** @description False once deactivated. */
            active: boolean;
            avatar?: components["schemas"]["Avatar"] | null;
            /** @description As shown to others. */
            displayName: string;
            /** @description A person, or a program. */
            kind: components["schemas"]["AccountKind"];
            /** @description In the channel. */
            role: components["schemas"]["ChannelRole"];
            status?: components["schemas"]["Status"] | null;
            /** @description What they do; may be empty. */
            title: string;
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
        /** @description A workspace, as everybody may know it. */
        Meta: {
            /** @description What clients may rely on, sorted. A word that is listed once never changes its meaning. */
            capabilities: string[];
            /** @description The workspace's name for people. */
            displayName: string;
            /** @description The identity providers that the workspace trusts. */
            issuers: components["schemas"]["MetaIssuer"][];
            /** @description The API's limits. */
            limits: components["schemas"]["ApiLimits"];
            /** @description Who may register. */
            signUp: components["schemas"]["SignUpRule"];
            /** @description The program's version. */
            version: string;
        };
        /** @description A trusted identity provider. */
        MetaIssuer: {
            /** @description The `iss` of its tokens. */
            issuer: string;
            /** @description Whether people sign in by it, with `beginSignIn`. */
            signIn: boolean;
        };
        /** @description A token that was made just now. */
        MintedToken: {
            /** @description For `Authorization: Bearer`. It is shown in this answer and never again. */
            secret: string;
            /** @description The token. */
            token: components["schemas"]["TokenView"];
        };
        /** @description An invitation as it is told to whoever made it. */
        NewInvitation: components["schemas"]["Invitation"] & {
            /** @description The secret that goes into the link, 43 characters, told here alone; null of one that was sent to an address. */
            token?: string | null;
        };
        /**
         * @description Who asks proves once more who they are.
         * @example {
         *       "password": "correct horse battery"
         *     }
         */
        NewRecoveryCodes: {
            /** @description The account's, if it has one. */
            password?: string | null;
        };
        /**
         * @description With whom.
         * @example {
         *       "userIds": [
         *         "0199b0c2-7c7e-7a51-9d3b-6f2f7e1c0a42"
         *       ]
         *     }
         */
        OpenConversation: {
            /** @description One to eight others; the caller may be among them. Whoever is named twice counts once. */
            userIds: components["schemas"]["UserId"][];
        };
        /** @description A device that one is signed in on. */
        OwnSession: {
            /**
             * @description Where it was used from last; empty if that is not known.
             * @example 192.0.2.7
             */
            address: string;
            /**
             * Format: date-time
             * @description When it began.
             */
            createdAt: string;
            /** @description Whether it is the one that asks. */
            current: boolean;
            /**
             * @description What the device says that it is; may be empty.
             * @example Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0
             */
            device: string;
            /**
             * Format: date-time
             * @description When its tokens were renewed last. Unused for 30 days, a session ends.
             */
            lastUsedAt: string;
            /** @description Its id. */
            sessionId: components["schemas"]["SessionId"];
        };
        /** @description A page of sessions. */
        OwnSessionsPage: {
            items: components["schemas"]["OwnSession"][];
            /** @description For the next page; none after the last. */
            nextCursor?: string | null;
        };
        /**
         * @description What is to be another; what is absent or null stays.
         * @example {
         *       "about": "Engines, and what they might do.",
         *       "displayName": "Ada Lovelace",
         *       "timeZone": "Europe/London",
         *       "title": "Countess"
         *     }
         */
        PatchMe: {
            /** @description What the caller says of themselves: up to 500 characters, in one line or several. */
            about?: string | null;
            /**
             * @description As shown to others: 1 to 80 characters that are seen, in one line; white space at the ends is removed. One that
             *     only looks like somebody else's is nobody's.
             */
            displayName?: string | null;
            /** @description A name of the IANA database. */
            timeZone?: string | null;
            /** @description What the caller does: up to 80 characters in one line. */
            title?: string | null;
        };
        /** @description A page of people, in the order of their names, case ignored. */
        PeoplePage: {
            /** @description The people. */
            items: components["schemas"]["Person"][];
            /** @description For the next page; null at the end. */
            nextCursor?: string | null;
        };
        /** @description Somebody in the workspace. */
        Person: {
            /** @description What they say of themselves, in one line or several; may be empty. */
            about: string;
            /** @description False once deactivated; listed still, because their messages stay. */
            active: boolean;
            avatar?: components["schemas"]["Avatar"] | null;
            /** @description As shown to others. */
            displayName: string;
            /** @description A person, or a program. */
            kind: components["schemas"]["AccountKind"];
            /** @description In the workspace. */
            role: components["schemas"]["Role"];
            status?: components["schemas"]["Status"] | null;
            /**
             * @description Where their days begin and end: a name of the IANA database.
             * @example Europe/Lisbon
             */
            timeZone: string;
            /** @description What they do; may be empty. */
            title: string;
            /** @description The person's id. */
            userId: components["schemas"]["UserId"];
            /**
             * Format: int64
             * @description Raised by one at every change. The end of a status is none.
             */
            version: number;
        };
        /** @description What somebody is. */
        PersonRole: {
            /** @description What they are in the workspace. */
            role: components["schemas"]["Role"];
            /** @description Who. */
            userId: components["schemas"]["UserId"];
            /**
             * Format: int64
             * @description The person's version, raised by one at every change.
             */
            version: number;
        };
        /**
         * @description Who may post in a channel.
         * @enum {string}
         */
        Posting: "everyone" | "admins";
        /** @description An error answer. `detail` is for people and may change; `code` is for programs and does not. */
        Problem: {
            /**
             * @description For programs: stable, with one meaning for ever, explained in `docs/problems.md`. A later version may know further ones.
             * @enum {string}
             */
            code: "account-deactivated" | "address-unproved" | "already-a-member" | "avatar-checksum-differs" | "avatar-empty" | "avatar-length-differs" | "avatar-not-found" | "avatar-too-large" | "avatar-type-differs" | "avatar-type-unsupported" | "body-too-large" | "body-unreadable" | "bot-deactivated" | "bot-not-found" | "bot-role-fixed" | "buckets-unavailable" | "busy" | "channel-archived" | "channel-id-reserved" | "channel-name-taken" | "channel-not-found" | "checksum-malformed" | "confirmation-needed" | "control-character" | "conversation-alone" | "conversation-fixed" | "conversation-too-large" | "database-busy" | "database-unavailable" | "email-invalid" | "email-needed" | "email-proof-needed" | "email-taken" | "event-too-large" | "expires-in-the-past" | "expires-too-late" | "expiry-invalid" | "going-away" | "guest-needs-a-channel" | "internal" | "invalid-cursor" | "invalid-field" | "invalid-json" | "invalid-limit" | "invalid-path" | "invalid-query" | "invalid-search" | "invitation-expired" | "invitation-for-another" | "invitation-id-taken" | "invitation-not-found" | "invitation-revoked" | "invitation-used" | "issuer-unavailable" | "last-owner" | "log-unavailable" | "mail-off" | "max-uses-invalid" | "message-deleted" | "message-id-taken" | "message-not-found" | "method-not-allowed" | "name-control-character" | "name-empty" | "name-looks-taken" | "name-too-long" | "no-such-path" | "no-such-purpose" | "not-a-lead" | "not-a-member" | "not-admitted" | "not-an-admin" | "not-an-owner" | "not-done-yet" | "not-for-guests" | "not-json" | "not-ready" | "not-the-author" | "outcome-unknown" | "parent-is-a-reply" | "parent-not-found" | "password-needed" | "password-too-long" | "password-too-short" | "person-erased" | "person-not-found" | "posting-restricted" | "projection-behind" | "purpose-control-character" | "purpose-too-long" | "rate-limited" | "redirect-uri-too-long" | "refresh-token-expired" | "refresh-token-invalid" | "refresh-token-reused" | "role-needs-an-address" | "scope-missing" | "scope-not-allowed" | "scopes-empty" | "second-factor-needed" | "second-factor-not-begun" | "second-factor-on" | "second-factor-set" | "session-id-taken" | "session-needed" | "session-not-found" | "session-revoked" | "sign-in-not-offered" | "sign-in-refused" | "sign-up-not-allowed" | "status-empty" | "status-over" | "team-name-taken" | "team-not-found" | "text-control-character" | "text-empty" | "text-too-long" | "ticket-expired" | "ticket-for-another" | "ticket-not-found" | "ticket-outdated" | "ticket-used" | "time-zone-unknown" | "token-expired" | "token-id-taken" | "token-invalid" | "token-missing" | "token-not-found" | "too-long" | "too-many-attempts" | "too-many-bots" | "too-many-channels" | "too-many-conversations" | "too-many-invitations" | "too-many-places" | "too-many-sockets" | "too-many-teams" | "too-many-tokens" | "too-many-uploads" | "too-slow" | "topic-control-character" | "topic-too-long" | "unknown-field" | "upload-expired" | "upload-incomplete" | "upload-not-found" | "user-id-taken" | "version-mismatch" | "websocket-required" | "workspace-full" | "workspace-not-found" | "workspace-rate-limited" | "workspace-storage-full" | "workspace-suspended" | "workspace-upgrading" | "wrong-code" | "wrong-credentials" | "wrong-password";
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
        /**
         * @description A bot's properties.
         * @example {
         *       "displayName": "Build status"
         *     }
         */
        PutBot: {
            /** @description As shown to others: 1 to 80 characters in one line. */
            displayName: string;
        };
        /**
         * @description All properties of a channel.
         * @example {
         *       "name": "general",
         *       "posting": "everyone",
         *       "purpose": "Talk of the house.\nNews go to #news.",
         *       "topic": "Everything that has no channel of its own",
         *       "visibility": "public"
         *     }
         */
        PutChannel: {
            /**
             * @description Unique in the workspace, as are names that look alike: 1 to 80 characters that are seen, in one line; white space
             *     at the ends is removed.
             */
            name: string;
            posting?: components["schemas"]["Posting"] | null;
            /** @description What the channel is for: up to 500 characters, in one line or several; empty if absent. */
            purpose?: string;
            /** @description What is talked about now: up to 250 characters in one line; empty if absent. */
            topic?: string;
            /** @description Who may see it. */
            visibility: components["schemas"]["Visibility"];
        };
        /**
         * @description To whom, what they are to be, and where they find themselves.
         * @example {
         *       "email": "grace@acme.example",
         *       "role": "member"
         *     }
         */
        PutInvitation: {
            /**
             * @description Where they find themselves afterwards, each a channel that the caller sees and that is not archived; at least one
             *     for a guest.
             */
            channels?: components["schemas"]["ChannelId"][];
            /** @description Whom to write to; without one, the invitation is a link for whoever has it. */
            email?: string | null;
            /**
             * Format: date-time
             * @description It is good until then, at most 30 days; seven days if absent.
             */
            expiresAt?: string | null;
            /**
             * Format: int32
             * @description How often a link may be used; once if absent, and always once for an address.
             */
            maxUses?: number | null;
            /** @description What they are to be; admins and owners are invited by e-mail address only. */
            role: components["schemas"]["Role"];
            /** @description The teams that they are in afterwards. */
            teams?: components["schemas"]["TeamId"][];
        };
        /**
         * @description What the person is to be.
         * @example {
         *       "role": "member"
         *     }
         */
        PutMember: {
            role?: components["schemas"]["ChannelRole"] | null;
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
        /**
         * @description What somebody is to be.
         * @example {
         *       "role": "admin"
         *     }
         */
        PutRole: {
            /** @description The role. */
            role: components["schemas"]["Role"];
        };
        /**
         * @description What the caller is doing.
         * @example {
         *       "emoji": "🌴",
         *       "text": "On holiday",
         *       "until": "2099-08-31T18:00:00Z"
         *     }
         */
        PutStatus: {
            /** @description One emoji; empty if absent. It or the text says something. */
            emoji?: string;
            /** @description In words, up to 100 characters in one line; empty if absent. */
            text?: string;
            /**
             * Format: date-time
             * @description Over from then on, a time in the future; for ever if absent.
             */
            until?: string | null;
        };
        /**
         * @description All properties of a team.
         * @example {
         *       "description": "Who builds it.",
         *       "name": "Engineers"
         *     }
         */
        PutTeam: {
            /** @description What the team does: up to 500 characters, in one line or several; empty if absent. */
            description?: string;
            /**
             * @description Unique among the workspace's teams, as are names that look alike: 1 to 80 characters that are seen, in one line;
             *     white space at the ends is removed.
             */
            name: string;
        };
        /**
         * @description What the person is to be.
         * @example {
         *       "role": "member"
         *     }
         */
        PutTeamMember: {
            role?: components["schemas"]["TeamRole"] | null;
        };
        /**
         * @description A token to be made.
         * @example {
         *       "expiresAt": "2027-06-30T00:00:00Z",
         *       "name": "Nightly report",
         *       "scopes": [
         *         "channels:read",
         *         "messages:read"
         *       ]
         *     }
         */
        PutToken: {
            /**
             * Format: date-time
             * @description In whole seconds: in the future, and within a year.
             */
            expiresAt: string;
            /** @description What it is for: 1 to 80 characters in one line. */
            name: string;
            /** @description What it may be used for; never more than whose it is may. */
            scopes: components["schemas"]["Scope"][];
        };
        /** @description Codes to be kept on paper. */
        RecoveryCodes: {
            /** @description Each is good once in place of a code of the app. They are not shown again. */
            recoveryCodes: string[];
        };
        /**
         * @description A ticket to redeem.
         * @example {
         *       "displayName": "Ada Lovelace",
         *       "password": "correct horse battery",
         *       "sessionId": "019a5c1e-7b5b-7d2e-8a4f-3b5c7d9e1f2a",
         *       "ticket": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
         *     }
         */
        Redeem: {
            /** @description Of the second factor, where the account has one: 6 digits of the app, or a recovery code. */
            code?: string | null;
            /**
             * @description For somebody new: 1 to 80 characters, no control characters. By default what stands before the address's `@`.
             * @example Ada Lovelace
             */
            displayName?: string | null;
            /**
             * @description For an account that has none yet: 10 to 128 characters. An account that has a password keeps it.
             * @example correct horse battery
             */
            password?: string | null;
            sessionId?: components["schemas"]["SessionId"] | null;
            /** @description As in the sign-in link. */
            ticket: string;
        };
        /**
         * @description A refresh token to use.
         * @example {
         *       "refreshToken": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
         *     }
         */
        Refresh: {
            /** @description Of the last answer. */
            refreshToken: string;
        };
        /**
         * @description Somebody new.
         * @example {
         *       "displayName": "Ada Lovelace",
         *       "email": "ada@acme.example",
         *       "password": "correct horse battery",
         *       "sessionId": "019a5c1e-7b5b-7d2e-8a4f-3b5c7d9e1f2a",
         *       "userId": "019a5c1e-7b5a-7c1d-9f3e-2a4b6c8d0e1f"
         *     }
         */
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
         * @description Both proofs.
         * @example {
         *       "code": "123456",
         *       "password": "correct horse battery"
         *     }
         */
        RemoveSecondFactor: {
            /** @description Of the app, or a recovery code. */
            code: string;
            /** @description The account's, if it has one. */
            password?: string | null;
        };
        /**
         * @description A ticket from a letter, and the new password.
         * @example {
         *       "password": "correct horse battery",
         *       "sessionId": "019a5c1e-7b5b-7d2e-8a4f-3b5c7d9e1f2a",
         *       "ticket": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
         *     }
         */
        ResetPassword: {
            /** @description Of the second factor, where the account has one: 6 digits of the app, or a recovery code. */
            code?: string | null;
            /**
             * @description 10 to 128 characters.
             * @example correct horse battery
             */
            password: string;
            sessionId?: components["schemas"]["SessionId"] | null;
            /**
             * @description As in the letter's link.
             * @example 0123456789abcdefghijklmnopqrstuvwxyzABCDEFG
             */
            ticket: string;
        };
        /**
         * @description What a person is in a workspace.
         * @enum {string}
         */
        Role: "owner" | "admin" | "member" | "guest";
        /**
         * @description One part of what a token is for.
         * @enum {string}
         */
        Scope: "people:read" | "people:write" | "channels:read" | "channels:write" | "messages:read" | "messages:write" | "admin";
        /** @description One's second factor. */
        SecondFactor: {
            /** @description Whether signing in needs a code. */
            enabled: boolean;
            /**
             * Format: int64
             * @description Recovery codes that are not used yet.
             */
            recoveryCodesLeft: number;
        };
        /** @description A secret for an authenticator app. */
        SecondFactorSecret: {
            /**
             * @description In base32, to be typed in.
             * @example GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ
             */
            secret: string;
            /** @description The same as an `otpauth:` address, to be shown as a picture. */
            uri: string;
        };
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
        /**
         * @description Who, and the proof.
         * @example {
         *       "email": "ada@acme.example",
         *       "password": "correct horse battery",
         *       "sessionId": "019a5c1e-7b5b-7d2e-8a4f-3b5c7d9e1f2a"
         *     }
         */
        SignIn: {
            /**
             * @description Of the second factor, where the account has one: 6 digits of the app, or a recovery code. A retry with the same
             *     `sessionId` may repeat it.
             */
            code?: string | null;
            /**
             * @description In any case.
             * @example ada@acme.example
             */
            email: string;
            /**
             * @description As registered.
             * @example correct horse battery
             */
            password: string;
            sessionId?: components["schemas"]["SessionId"] | null;
        };
        /**
         * @description Who may register without an invitation.
         * @enum {string}
         */
        SignUpMode: "open" | "domain" | "invitation";
        /**
         * @description Who would like to join.
         * @example {
         *       "email": "ada@acme.example"
         *     }
         */
        SignUpRequest: {
            /**
             * @description Where the letter goes.
             * @example ada@acme.example
             */
            email: string;
        };
        /** @description Who may register. */
        SignUpRule: {
            /** @description The domains, in lower case; empty unless the mode is `domain`. */
            domains: string[];
            /** @description Everybody, who has an address of a domain, or who was invited. */
            mode: components["schemas"]["SignUpMode"];
        };
        /** @description What somebody says that they are doing. */
        Status: {
            /** @description One emoji; may be empty. */
            emoji?: string;
            /** @description In words; may be empty. */
            text?: string;
            /**
             * Format: date-time
             * @description Over from then on, if it is not for ever.
             */
            until?: string | null;
        };
        /**
         * Format: uuid
         * @description A team of people.
         */
        TeamId: string;
        /** @description A member of a team. */
        TeamMember: {
            /** @description False once deactivated. */
            active: boolean;
            avatar?: components["schemas"]["Avatar"] | null;
            /** @description As shown to others. */
            displayName: string;
            /** @description A person, or a program. */
            kind: components["schemas"]["AccountKind"];
            /** @description In the team. */
            role: components["schemas"]["TeamRole"];
            status?: components["schemas"]["Status"] | null;
            /** @description What they do; may be empty. */
            title: string;
            /** @description The person's id. */
            userId: components["schemas"]["UserId"];
        };
        /** @description A page of members, in the order of their ids. */
        TeamMemberPage: {
            /** @description The members. */
            items: components["schemas"]["TeamMember"][];
            /** @description For the next page; null at the end. */
            nextCursor?: string | null;
        };
        /** @description A page of teams, in the order of their names, case ignored. */
        TeamPage: {
            /** @description The teams. */
            items: components["schemas"]["TeamView"][];
            /** @description For the next page; null at the end. */
            nextCursor?: string | null;
        };
        /**
         * @description What a person is in a team.
         * @enum {string}
         */
        TeamRole: "lead" | "member";
        /** @description A team as the caller sees it. */
        TeamView: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /** @description What the team does, in one line or several; may be empty. */
            description: string;
            membership?: components["schemas"]["TeamRole"] | null;
            /** @description Unique among the workspace's teams, as are names that look alike. */
            name: string;
            /** @description The team's id. */
            teamId: components["schemas"]["TeamId"];
            /**
             * Format: int64
             * @description Raised by one at every change.
             */
            version: number;
        };
        /**
         * Format: uuid
         * @description A token of a program's.
         */
        TokenId: string;
        /** @description A page of tokens, in the order of their ids. */
        TokenPage: {
            /** @description The tokens, without those that were ended. */
            items: components["schemas"]["TokenView"][];
            /** @description For the next page; null at the end. */
            nextCursor?: string | null;
        };
        /** @description A token, without its secret. */
        TokenView: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it ends.
             */
            expiresAt: string;
            /**
             * Format: date-time
             * @description When it was used last, to the minute or so; null before the first time.
             */
            lastUsedAt?: string | null;
            /** @description What it is for. */
            name: string;
            /** @description What it may be used for. */
            scopes: components["schemas"]["Scope"][];
            /** @description The token's id. */
            tokenId: components["schemas"]["TokenId"];
        };
        /**
         * Format: uuid
         * @description A person in one workspace.
         */
        UserId: string;
        /**
         * @description A ticket from a letter.
         * @example {
         *       "ticket": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
         *     }
         */
        VerifyEmail: {
            /**
             * @description As in the letter's link.
             * @example 0123456789abcdefghijklmnopqrstuvwxyzABCDEFG
             */
            ticket: string;
        };
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
    acceptInvitation: {
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
                 *       "displayName": "Grace Hopper",
                 *       "email": "grace@acme.example",
                 *       "password": "correct horse battery",
                 *       "sessionId": "019aab3c-5d7e-7f11-9b3c-4d5e6f7a8b9c",
                 *       "token": "pVQmL1sPq0m3v8e2Yb7Xw4Tz6Rk9Nc5Hd1Jf3Ga7Us0",
                 *       "userId": "019aab3c-5d7e-7f10-8a2b-3c4d5e6f7a8b"
                 *     }
                 */
                "application/json": components["schemas"]["AcceptInvitation"];
            };
        };
        responses: {
            /** @description They came in before, with the same id, address and password */
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
            /** @description They are in */
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
            /** @description `invitation-used`, `invitation-revoked` or `invitation-expired` */
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
    forgotPassword: {
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
                 *       "email": "ada@acme.example"
                 *     }
                 */
                "application/json": components["schemas"]["ForgotPassword"];
            };
        };
        responses: {
            /** @description If the address has an account, a letter is on its way */
            202: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `mail-off`: this installation sends no e-mail */
            409: {
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
    peekInvitation: {
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
                 *       "token": "pVQmL1sPq0m3v8e2Yb7Xw4Tz6Rk9Nc5Hd1Jf3Ga7Us0"
                 *     }
                 */
                "application/json": components["schemas"]["InvitationToken"];
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
                    "application/json": components["schemas"]["InvitationView"];
                };
            };
            /** @description `invitation-used`, `invitation-revoked` or `invitation-expired` */
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
    beginSignIn: {
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
                 *       "issuer": "https://id.acme.example",
                 *       "redirectUri": "https://talk.acme.example/signed-in"
                 *     }
                 */
                "application/json": components["schemas"]["BeginSignIn"];
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
                    "application/json": components["schemas"]["BegunSignIn"];
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
    finishSignIn: {
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
                 *       "code": "SplxlOBeZQQYbYS6WxSbIA",
                 *       "flow": "eyJhbGciOiJFZERTQSJ9.e30.c2ln",
                 *       "sessionId": "019aab3c-5d7e-7f11-9b3c-4d5e6f7a8b9c",
                 *       "state": "f1Jx0m2yVbY3"
                 *     }
                 */
                "application/json": components["schemas"]["FinishSignIn"];
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
                 *       "password": "correct horse battery",
                 *       "sessionId": "019a5c1e-7b5b-7d2e-8a4f-3b5c7d9e1f2a",
                 *       "ticket": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
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
            /** @description `second-factor-needed` or `wrong-code`: the ticket is still good */
            401: {
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
            /** @description `too-many-attempts`: try again after `Retry-After` seconds */
            429: {
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
                 *       "refreshToken": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
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
                 *       "password": "correct horse battery",
                 *       "sessionId": "019a5c1e-7b5b-7d2e-8a4f-3b5c7d9e1f2a",
                 *       "userId": "019a5c1e-7b5a-7c1d-9f3e-2a4b6c8d0e1f"
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
            /** @description `too-many-attempts`: try again after `Retry-After` seconds */
            429: {
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
    resetPassword: {
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
                 *       "password": "correct horse battery",
                 *       "sessionId": "019a5c1e-7b5b-7d2e-8a4f-3b5c7d9e1f2a",
                 *       "ticket": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
                 *     }
                 */
                "application/json": components["schemas"]["ResetPassword"];
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
            /** @description `second-factor-needed` or `wrong-code`: the ticket is still good */
            401: {
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
            /** @description `ticket-used`, `ticket-expired` or `ticket-outdated` */
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
            /** @description `too-many-attempts`: try again after `Retry-After` seconds */
            429: {
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
                 *       "password": "correct horse battery",
                 *       "sessionId": "019a5c1e-7b5b-7d2e-8a4f-3b5c7d9e1f2a"
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
            /** @description `wrong-credentials`; `second-factor-needed`, once the password is right; `wrong-code` */
            401: {
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
            /** @description `too-many-attempts`: try again after `Retry-After` seconds */
            429: {
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
            /** @description The session, or the API token, has ended; others refuse it within 5 seconds */
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
    signUp: {
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
                 *       "email": "ada@acme.example"
                 *     }
                 */
                "application/json": components["schemas"]["SignUpRequest"];
            };
        };
        responses: {
            /** @description If the address may join, a letter is on its way */
            202: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `mail-off`: this installation sends no e-mail */
            409: {
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
    verifyEmail: {
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
                 *       "ticket": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
                 *     }
                 */
                "application/json": components["schemas"]["VerifyEmail"];
            };
        };
        responses: {
            /** @description The address is proved; sent again within 10 minutes, the answer is the same */
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
            /** @description `ticket-for-another`: the letter is about another account than the caller's */
            403: {
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
            /** @description `email-taken`: somebody else has the address by now */
            409: {
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
            /** @description `ticket-used`, `ticket-expired` or `ticket-outdated` */
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
    listBots: {
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
                    "application/json": components["schemas"]["BotPage"];
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
    putBot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The bot; made by the client, a UUIDv7. */
                userId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "displayName": "Build status"
                 *     }
                 */
                "application/json": components["schemas"]["PutBot"];
            };
        };
        responses: {
            /** @description It has this name, now or before */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Bot"];
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
                    "application/json": components["schemas"]["Bot"];
                };
            };
            /** @description `too-many-bots`, `user-id-taken`, `name-looks-taken` or `person-erased` */
            409: {
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
    listBotTokens: {
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
                /** @description The bot; made by the client, a UUIDv7. */
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
                    "application/json": components["schemas"]["TokenPage"];
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
    putBotToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The bot. */
                userId: components["schemas"]["UserId"];
                /** @description The token; made by the client, a UUIDv7. */
                tokenId: components["schemas"]["TokenId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "expiresAt": "2027-06-30T00:00:00Z",
                 *       "name": "Nightly report",
                 *       "scopes": [
                 *         "channels:read",
                 *         "messages:read"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["PutToken"];
            };
        };
        responses: {
            /** @description It was made within the last 10 minutes, and has another secret */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MintedToken"];
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
                    "application/json": components["schemas"]["MintedToken"];
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
    deleteBotToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The bot. */
                userId: components["schemas"]["UserId"];
                /** @description The token; made by the client, a UUIDv7. */
                tokenId: components["schemas"]["TokenId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It has ended, now or before; others refuse it within 5 seconds */
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
                /**
                 * @description Each of its words begins a word of the name; without letters and digits it finds nothing.
                 * @example gen
                 */
                q?: string;
                /** @description Only archived channels, or only others; both if absent. */
                archived?: boolean;
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
            header?: {
                /**
                 * @description The `ETag` that was read; the answer is 304 if it is still this one.
                 * @example "3"
                 */
                "If-None-Match"?: string | null;
            };
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
            /** @description `ETag` begins with the version; `If-Match` may name the version alone */
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
            /** @description The caller has this version */
            304: {
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
    putChannel: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The `ETag` that was read; the change is refused with 412 `version-mismatch` if there is another version now.
                 * @example "3"
                 */
                "If-Match"?: string | null;
            };
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
                 *       "posting": "everyone",
                 *       "purpose": "Talk of the house.\nNews go to #news.",
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
            /** @description `channel-name-taken` or `too-many-channels` */
            409: {
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
    archiveChannel: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The `ETag` that was read; the change is refused with 412 `version-mismatch` if there is another version now.
                 * @example "3"
                 */
                "If-Match"?: string | null;
            };
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
            /** @description It is archived, now or before */
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
    restoreChannel: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The `ETag` that was read; the change is refused with 412 `version-mismatch` if there is another version now.
                 * @example "3"
                 */
                "If-Match"?: string | null;
            };
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
            /** @description It is not archived, now or before */
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
    listMembers: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                /** @description Items at most, 1 to 200. */
                limit?: number;
                /**
                 * @description Each of its words begins a word of the name; without letters and digits it finds nothing.
                 * @example ada
                 */
                q?: string;
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
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "role": "member"
                 *     }
                 */
                "application/json": components["schemas"]["PutMember"] | null;
            };
        };
        responses: {
            /** @description They were in already, and have this role, now or before */
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
    listConversations: {
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
                    "application/json": components["schemas"]["ConversationPage"];
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
    openConversation: {
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
                 *       "userIds": [
                 *         "0199b0c2-7c7e-7a51-9d3b-6f2f7e1c0a42"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["OpenConversation"];
            };
        };
        responses: {
            /** @description They have it already */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversation"];
                };
            };
            /** @description It is new */
            201: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversation"];
                };
            };
            /** @description `too-many-conversations` */
            409: {
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
    listInvitations: {
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
                    "application/json": components["schemas"]["InvitationPage"];
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
    getInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The invitation. */
                invitationId: components["schemas"]["InvitationId"];
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
                    "application/json": components["schemas"]["Invitation"];
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
    putInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The invitation. */
                invitationId: components["schemas"]["InvitationId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "grace@acme.example",
                 *       "role": "member"
                 *     }
                 */
                "application/json": components["schemas"]["PutInvitation"];
            };
        };
        responses: {
            /** @description The caller had made it already */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewInvitation"];
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
                    "application/json": components["schemas"]["NewInvitation"];
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
    deleteInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The invitation. */
                invitationId: components["schemas"]["InvitationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is taken back, now or before */
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
    getMe: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The `ETag` that was read; the answer is 304 if it is still this one.
                 * @example "3"
                 */
                "If-None-Match"?: string | null;
            };
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `ETag` is the version, for `If-Match` and `If-None-Match` */
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
            /** @description The caller has this version */
            304: {
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
    patchMe: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The `ETag` that was read; the change is refused with 412 `version-mismatch` if there is another version now.
                 * @example "3"
                 */
                "If-Match"?: string | null;
            };
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
                 *       "about": "Engines, and what they might do.",
                 *       "displayName": "Ada Lovelace",
                 *       "timeZone": "Europe/London",
                 *       "title": "Countess"
                 *     }
                 */
                "application/json": components["schemas"]["PatchMe"];
            };
        };
        responses: {
            /** @description The profile is this, now or before */
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
                 *       "length": 48211,
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
    changeEmail: {
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
                 *       "email": "ada.lovelace@acme.example",
                 *       "password": "correct horse battery"
                 *     }
                 */
                "application/json": components["schemas"]["ChangeEmail"];
            };
        };
        responses: {
            /** @description A letter is on its way to the new address */
            202: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `wrong-password` */
            403: {
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
            /** @description `mail-off`: this installation sends no e-mail */
            409: {
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
            /** @description `too-many-attempts`: try again after `Retry-After` seconds */
            429: {
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
    sendEmailVerification: {
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
            /** @description A letter is on its way, if one is needed */
            202: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `mail-off`: this installation sends no e-mail */
            409: {
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
    joinByInvitation: {
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
                 *       "token": "pVQmL1sPq0m3v8e2Yb7Xw4Tz6Rk9Nc5Hd1Jf3Ga7Us0"
                 *     }
                 */
                "application/json": components["schemas"]["InvitationToken"];
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
                    "application/json": components["schemas"]["Joined"];
                };
            };
            /** @description `invitation-used`, `invitation-revoked` or `invitation-expired` */
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
    changePassword: {
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
                 *       "currentPassword": "correct horse battery",
                 *       "newPassword": "correct horse battery"
                 *     }
                 */
                "application/json": components["schemas"]["ChangePassword"];
            };
        };
        responses: {
            /** @description The account has the new password */
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
            /** @description `wrong-password` */
            403: {
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
            /** @description `password-needed`, `password-too-short`, `password-too-long` */
            422: {
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
            /** @description `too-many-attempts`: try again after `Retry-After` seconds */
            429: {
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
    makeRecoveryCodes: {
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
                 *       "password": "correct horse battery"
                 *     }
                 */
                "application/json": components["schemas"]["NewRecoveryCodes"];
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
                    "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
            /** @description `second-factor-not-begun`: it is off */
            409: {
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
    getSecondFactor: {
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
                    "application/json": components["schemas"]["SecondFactor"];
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
    confirmSecondFactor: {
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
                 *       "code": "123456"
                 *     }
                 */
                "application/json": components["schemas"]["ConfirmSecondFactor"];
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
                    "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
            /** @description `second-factor-on` or `second-factor-not-begun` */
            409: {
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
            /** @description `too-many-attempts` */
            429: {
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
    beginSecondFactor: {
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
                 *       "password": "correct horse battery"
                 *     }
                 */
                "application/json": components["schemas"]["BeginSecondFactor"];
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
                    "application/json": components["schemas"]["SecondFactorSecret"];
                };
            };
            /** @description `second-factor-on`: it is confirmed already */
            409: {
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
    removeSecondFactor: {
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
                 *       "code": "123456",
                 *       "password": "correct horse battery"
                 *     }
                 */
                "application/json": components["schemas"]["RemoveSecondFactor"];
            };
        };
        responses: {
            /** @description Signing in needs no code any more */
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
            /** @description `too-many-attempts` */
            429: {
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
    listOwnSessions: {
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
                    "application/json": components["schemas"]["OwnSessionsPage"];
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
    endOtherSessions: {
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
            /** @description The sessions have ended; others refuse their tokens within 5 seconds */
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
    endOwnSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The session */
                sessionId: components["schemas"]["SessionId"];
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
            /** @description `session-not-found`: one never had it */
            404: {
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
    putStatus: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The `ETag` that was read; the change is refused with 412 `version-mismatch` if there is another version now.
                 * @example "3"
                 */
                "If-Match"?: string | null;
            };
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
                 *       "emoji": "🌴",
                 *       "text": "On holiday",
                 *       "until": "2099-08-31T18:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["PutStatus"];
            };
        };
        responses: {
            /** @description The status is this, now or before */
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
    deleteStatus: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The `ETag` that was read; the change is refused with 412 `version-mismatch` if there is another version now.
                 * @example "3"
                 */
                "If-Match"?: string | null;
            };
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The caller has no status, now or before */
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
    listTokens: {
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
                    "application/json": components["schemas"]["TokenPage"];
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
    putToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The token; made by the client, a UUIDv7. */
                tokenId: components["schemas"]["TokenId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "expiresAt": "2027-06-30T00:00:00Z",
                 *       "name": "Nightly report",
                 *       "scopes": [
                 *         "channels:read",
                 *         "messages:read"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["PutToken"];
            };
        };
        responses: {
            /** @description It was made within the last 10 minutes, and has another secret */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MintedToken"];
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
                    "application/json": components["schemas"]["MintedToken"];
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
    deleteToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The token; made by the client, a UUIDv7. */
                tokenId: components["schemas"]["TokenId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It has ended, now or before; others refuse it within 5 seconds */
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
    getMeta: {
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
                    /** @description Changes with the content */
                    etag?: string;
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Meta"];
                };
            };
            /** @description The reader has this already */
            304: {
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
    listPeople: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                /** @description Items at most, 1 to 200. */
                limit?: number;
                /**
                 * @description Each of its words begins a word of the name; without letters and digits it finds nobody.
                 * @example ada
                 */
                q?: string;
                /** @description Only who is active, or only who is deactivated; both if absent. */
                active?: boolean;
                /** @description Only people, or only programs; both if absent. */
                kind?: "person" | "bot";
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
            header?: {
                /**
                 * @description The `ETag` that was read; the answer is 304 if it is still this one.
                 * @example "3"
                 */
                "If-None-Match"?: string | null;
            };
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
            /** @description `ETag` is the version */
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
            /** @description The caller has this version */
            304: {
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
    erasePerson: {
        parameters: {
            query?: {
                /** @description Needed to erase oneself: one's own e-mail address, in any case, or display name. */
                confirm?: string;
            };
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The person, or the bot. */
                userId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are erased, now or before */
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
    deactivatePerson: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The person, or the bot. */
                userId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are deactivated, now or before */
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
    reactivatePerson: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The person, or the bot. */
                userId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are active, now or before */
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
    putRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The person, or the bot. */
                userId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "role": "admin"
                 *     }
                 */
                "application/json": components["schemas"]["PutRole"];
            };
        };
        responses: {
            /** @description They have this role, now or before */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonRole"];
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
    deletePersonSessions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The person, or the bot. */
                userId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No session is left; others refuse their tokens within 5 seconds */
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
    listTeams: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                /** @description Items at most, 1 to 200. */
                limit?: number;
                /**
                 * @description Each of its words begins a word of the name; without letters and digits it finds nothing.
                 * @example ada
                 */
                q?: string;
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
                    "application/json": components["schemas"]["TeamPage"];
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
    getTeam: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The `ETag` that was read; the answer is 304 if it is still this one.
                 * @example "3"
                 */
                "If-None-Match"?: string | null;
            };
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The team. */
                teamId: components["schemas"]["TeamId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `ETag` begins with the version; `If-Match` may name the version alone */
            200: {
                headers: {
                    etag: components["headers"]["etag"];
                    ratelimit: components["headers"]["ratelimit"];
                    "ratelimit-policy": components["headers"]["ratelimit-policy"];
                    "x-request-id": components["headers"]["x-request-id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TeamView"];
                };
            };
            /** @description The caller has this version */
            304: {
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
    putTeam: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The `ETag` that was read; the change is refused with 412 `version-mismatch` if there is another version now.
                 * @example "3"
                 */
                "If-Match"?: string | null;
            };
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The team. */
                teamId: components["schemas"]["TeamId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "description": "Who builds it.",
                 *       "name": "Engineers"
                 *     }
                 */
                "application/json": components["schemas"]["PutTeam"];
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
                    "application/json": components["schemas"]["TeamView"];
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
                    "application/json": components["schemas"]["TeamView"];
                };
            };
            /** @description `team-name-taken` or `too-many-teams` */
            409: {
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
    deleteTeam: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The `ETag` that was read; the change is refused with 412 `version-mismatch` if there is another version now.
                 * @example "3"
                 */
                "If-Match"?: string | null;
            };
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The team. */
                teamId: components["schemas"]["TeamId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It has ended, now or before */
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
    listTeamMembers: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                /** @description Items at most, 1 to 200. */
                limit?: number;
                /**
                 * @description Each of its words begins a word of the name; without letters and digits it finds nothing.
                 * @example ada
                 */
                q?: string;
            };
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The team. */
                teamId: components["schemas"]["TeamId"];
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
                    "application/json": components["schemas"]["TeamMemberPage"];
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
    putTeamMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The team. */
                teamId: components["schemas"]["TeamId"];
                /** @description The person. */
                userId: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "role": "member"
                 *     }
                 */
                "application/json": components["schemas"]["PutTeamMember"] | null;
            };
        };
        responses: {
            /** @description They were in already, and have this role, now or before */
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
            /** @description They are in */
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
    deleteTeamMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workspace's name in URLs. */
                handle: string;
                /** @description The team. */
                teamId: components["schemas"]["TeamId"];
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
}
