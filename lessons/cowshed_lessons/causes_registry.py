"""Causes of failed builds on the way from a registry: names, logins, limits, networks."""

from __future__ import annotations

from .failure_causes import Cause, pattern

_NO_NETWORK = (
    "See whether this computer has a way out: some compute nodes have none. If the message names a registry or a "
    "server that stands in your recipe, compare its spelling, too: a misspelt one looks the same. Then build again."
)

REGISTRY: tuple[Cause, ...] = (
    Cause(
        "rate-limit",
        "The registry asks for a pause",
        "Docker Hub lets an address fetch only so many images in a few hours, and that number has been reached, "
        "perhaps by "
        "others behind the same address.",
        "Wait, or log in with an account of your own: `apptainer registry login -u NAME docker://docker.io`.",
        "environment",
        pattern(r"(?i)toomanyrequests|TOOMANYREQUESTS|pull rate limit|429 Too Many Requests"),
    ),
    Cause(
        "proxy",
        "The proxy does not let it through",
        "This computer is told to ask a proxy for everything on the network, and that did not answer or refused.",
        "Look at the variables `http_proxy` and `https_proxy`: is the address right, does it want a login? "
        "The cluster's support knows it.",
        "environment",
        pattern(r"proxyconnect|Proxy Authentication Required|407 Proxy|Received HTTP code 40[37] from proxy"),
    ),
    Cause(
        "certificate",
        "The other side's certificate is not trusted",
        "It is too old, not signed by anybody known here, or this clock is off. Where a proxy opens all "
        "traffic, it shows a certificate of its own.",
        "Look at the clock with `date`. If that is right, ask the cluster's support; inside the image, the "
        "package `ca-certificates` may be missing.",
        "environment",
        pattern(
            r"x509: |CERTIFICATE_VERIFY_FAILED|SSL certificate problem|"
            r"server certificate verification failed|certificate is NOT trusted|"
            r"certificate verification failed"
        ),
    ),
    Cause(
        "registry-down",
        "The registry has a problem of its own",
        "It answered that it cannot do its work now.",
        "Wait a little and build again. The registry's status page says more.",
        "environment",
        pattern(
            r"status code 5\d\d|(500 Internal Server Error|502 Bad Gateway|503 Service Unavailable|"
            r"504 Gateway Time-?out)"
        ),
    ),
    Cause(
        "access-denied",
        "The registry does not let you in",
        "It wants a login for this image, or there is no such image: Docker Hub answers both alike.",
        "Look at the name in `From` once more. For a private image log in first: `apptainer registry login`.",
        "environment",  # the log cannot tell a wrong name from a missing login
        pattern(
            r"UNAUTHORIZED: authentication required|DENIED: |errors:\s*denied:|requested access to the resource "
            r"is denied|"
            r"unauthorized: authentication required|: 401 Unauthorized|: 403 Forbidden"
        ),
    ),
    Cause(
        "stand-in-missing",
        "The practice cluster has no such image yet",
        "The registries of the world are out of reach here, so the practice cluster answers with stand-ins of its own, "
        "and it has none for {what}.",
        "The larger ones are made when a lesson needs them: `cowshed practice add python`, or `r`. A misspelt name "
        "looks the same, so compare it letter by letter, tag included. Then try again.",
        "environment",  # the log cannot tell a wrong name from one that was not made yet
        pattern(
            r"stand-ins\.practice:\d+/(?:v2/)?(?:library/)?(?P<what>[\w./-]+?(?::[\w.-]+)?)"
            r"(?:/manifests/\S+)?: (?:MANIFEST_UNKNOWN|NAME_UNKNOWN|reading manifest .*(?:manifest|name) unknown)"
        ),
    ),
    Cause(
        "image-not-found",
        "There is no such image",
        "The registry does not know that image, or not with that tag.",
        "Compare the name and the tag in `From` with what the registry offers.",
        "recipe",
        pattern(r"MANIFEST_UNKNOWN|NAME_UNKNOWN|manifest unknown|repository name not known"),
    ),
    Cause(
        "wrong-architecture",
        "The image is for other processors",
        "The registry has this image, but not for the kind of processor that this computer has.",
        "Look in the registry which processors (amd64, arm64) the image is made for; take another tag, or "
        "build on another target.",
        "environment",
        pattern(
            r"no child with platform \S+ in index|no image found in (image index|"
            r"manifest list) for architecture"
        ),
    ),
    Cause(
        "definition-invalid",
        "`From` is not read as an image's name",
        "What stands in `From` was taken for the address of a registry: `docker://` belongs on the command "
        "line, not there.",
        "Write the name alone, as in `From: ubuntu:22.04`.",
        "recipe",
        pattern(r"(lookup docker on |https?://(docker|library|oras)/v2/)"),
    ),
    Cause(
        "download-cut",
        "A download broke off",
        "The connection ended before everything had come, or what came was damaged.",
        "Build again. If it happens every time, try another hour or another network.",
        "environment",
        pattern(
            r"error writing layer: (unexpected )?EOF|: unexpected EOF$|Hash Sum mismatch|"
            r"transfer closed with \d+ bytes remaining|IncompleteRead"
        ),
    ),
    Cause(
        "network",
        "The network does not answer",
        "A name could not be looked up, or a connection was not made.",
        _NO_NETWORK,
        "environment",
        pattern(
            r"(?i)Temporary failure resolving|Could not resolve '|no such host|dial tcp .*refused|"
            r"Could not connect to "
        ),
    ),
    Cause(
        "network",
        "The network does not answer",
        "A name could not be looked up, or a connection was not made.",
        _NO_NETWORK,
        "environment",
        pattern(
            r"(?i)Temporary failure in name resolution|Could not resolve( host)?: |"
            r"dial tcp .*(unreachable|timeout)|network is unreachable|connection (refused|reset by peer)|"
            r"TLS handshake timeout|proxyconnect"
        ),
        recorded=False,
        source="glibc's and curl's messages, Go's net package",
    ),
    Cause(
        "timeout",
        "It took too long",
        "A connection was open but nothing came, or the time that the build was given ran out.",
        "Build again; if it happens every time, try another hour or another target.",
        "environment",
        pattern(
            r"(?i)i/o timeout|context deadline exceeded|Client\.Timeout exceeded|DUE TO TIME LIMIT|Connection timed out"
        ),
        recorded=False,
        source="Go's net package, Slurm's job messages",
    ),
)
"""What goes wrong while an image, or anything else, is fetched."""
