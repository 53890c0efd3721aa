# Varnish as a shared HTTP cache in front of the service. The lines to change are the address of the service, who may
# purge, and the hosts of MISCONDUCT_HOSTS. Set MISCONDUCT_TRUSTED_PROXIES=1, and purge with
# MISCONDUCT_PURGE=varnish:http://127.0.0.1:6081 (docs/operations.md).
# Start varnishd with -p http_resp_hdr_len=32k -p http_resp_size=64k: `Link` repeats what was asked, which may be 12 kB. Give
# it no HTTP/2: there, what is long is in memory until it is read, and one client that reads nothing would take all of it.
# What ends TLS in front of it may speak HTTP/2 to clients, and HTTP/1.1 to Varnish.
vcl 4.1;

import std;

backend default {
  .host = "127.0.0.1";
  .port = "8000";
  .first_byte_timeout = 5s;  # the service gives up a query after four
  .probe = { .url = "/healthz"; .interval = 2s; .timeout = 2s; .window = 3; .threshold = 2; .initial = 2; }
}

acl purgers { "127.0.0.1"; "::1"; }

sub vcl_recv {
  if (req.proto == "HTTP/2.0") { return (synth(505)); }
  # The service has no such path, and what follows would go back over it step by step, until Varnish gives up (503).
  if (req.url ~ "^[^?]{2001}") { return (synth(414)); }
  if (req.method == "BAN") {
    # A proxy in front, which may be on this machine, passes on what anybody sends. (Varnish itself has noted client.ip.)
    # It has to note X-Forwarded-For (HAProxy does with `option forwardfor`) or refuse BAN: without, anybody may purge.
    if (client.ip !~ purgers || req.http.X-Forwarded-For ~ ",") { return (synth(403, "Not from here")); }
    if (req.http.Surrogate-Key !~ "^[A-Za-z0-9._ -]+$") { return (synth(400, "Which tags?")); }
    ban("obj.http.Surrogate-Key ~ (^|\s)(" + regsuball(req.http.Surrogate-Key, " +", "|") + ")(\s|$)");
    return (synth(200, "Banned"));
  }
  # A body is sent once: a request that is restarted would have none, and what follows on its connection would be taken for it.
  if (req.method != "GET" && req.method != "HEAD" && req.method != "OPTIONS") { return (synth(405)); }
  if (req.http.Content-Length ~ "[1-9]" || req.http.Transfer-Encoding) { return (synth(400, "No body is read")); }
  if (req.url !~ "^/") { return (synth(400, "Which address?")); }
  if (req.url ~ "^/(metrics|[^/?]*%)") { return (synth(404)); }
  # The hosts of MISCONDUCT_HOSTS, without their scheme: links begin with each, so each has copies of its own. To all others
  # one answer is given, and they share a copy: clients who make hosts up would push out what is kept for others.
  set req.http.host = std.tolower(req.http.host);
  if (req.http.host !~ "^(www\.example\.org)$") { set req.http.host = "misconduct"; }
  unset req.http.Cookie;
  unset req.http.Authorization;  # the service has no accounts, and with one nothing is kept
  unset req.http.X-Misconduct-Last;
  if (req.restarts > 0) { set req.http.X-Misconduct-Last = "1"; }
  if (req.restarts == 0) { unset req.http.X-Misconduct-Is-Long; }
  set req.http.X-Request-Id = req.xid;
  if (req.proto == "HTTP/1.0") { set req.http.Via = "1.0 varnish"; }  # who would take half an answer for a whole one

  # What browsers send, each in its own way.
  if (req.http.Accept !~ "^.{500}" && req.http.Accept ~ "^text/html(, ?(application/(xhtml\+xml|xml|signed-exchange)|image/(avif|webp|apng|png|svg\+xml))(;[a-z]=[a-z0-9.]+)*)*, ?\*/\*;q=0\.[1-9]$") { set req.http.Accept = "text/html,*/*;q=0.8"; }

  # Clients write the same wish in many ways, and each would be a copy. Pages, and addresses with a suffix, have one
  # format. (Varnish itself does the same for Accept-Encoding.)
  if (req.url !~ "^/v1" || req.url ~ "^/v1[^?]*\.html(\?|$)") {
    set req.http.Accept = "text/html";
  } elsif (req.url ~ "^/v1[^?]*\.[a-z][a-z0-9]{2,}(\?|$)") {
    set req.http.Accept = "*/*";
  } elsif (req.url ~ "^/v1/?(observations/[^/?]+)?(\?|$)" && req.http.Accept == "text/html,*/*;q=0.8") {
    # Here a browser gets a page.
  } elsif (req.url ~ "^/v1[^?]*/(dcat|schema-org)(\?|$)" && req.http.Accept) {
    # As it is: here application/json is not the first format.
  } elsif (req.http.Accept ~ "^(text/html,\*/\*;q=0\.8|\*/\*|application/json(, ?(text/plain, ?|text/xml, ?application/xml, ?)?\*/\*(;q=[0-9.]+)?)?)?$" || !req.http.Accept) {
    set req.http.Accept = "*/*";
  }

  # What is no range, or several, is not asked for (RFC 9110, 14.2): Varnish would refuse the whole answer to it.
  if (req.http.Range !~ "^bytes=([0-9]{1,15}-[0-9]{0,15}|-0*[1-9][0-9]{0,14})$"
      || (req.http.Range ~ "-[0-9]" && std.integer(regsub(req.http.Range, "bytes=([0-9]+)-.*", "\1"), 0) > std.integer(regsub(req.http.Range, ".*-", ""), 0))) {
    unset req.http.Range;
  }
  # Varnish does not read this condition: who resumes a download with it would get a part of whatever file is here.
  # Nor is it kept in memory until it is read, as what is passed, or what is long.
  if (req.http.If-Match || req.http.X-Misconduct-Is-Long) { return (pipe); }

  # Nobody waits for the answer to somebody else: one that is not kept would be asked for by one after the other. The
  # service itself makes one answer for all who ask at the same time.
  set req.hash_ignore_busy = true;

  # An older answer for three seconds while a newer one is fetched; for a week if the service does not answer.
  if (req.restarts == 0 && std.healthy(req.backend_hint)) {
    set req.grace = 3s;
  } else {
    set req.grace = 7d;
  }
}

sub vcl_hash {
  # The answers to one hash are gone through one by one, and clients can write a wish in as many ways as they like.
  hash_data(req.http.Accept);
}

sub vcl_backend_fetch {
  # A chart that waits for others is given up after eight seconds; a long file says nothing while it is encoded.
  if (bereq.url ~ "^/v1[^?]*\.(svg|png|html)(\?|$)" || bereq.url ~ "^/(datasets|charts?|disagreements)([/?]|$)") {
    set bereq.first_byte_timeout = 10s;
  } elsif (bereq.url ~ "^/v1[^?]*\.[a-z][a-z0-9]{2,}(\?|$)" && bereq.url !~ "^/v1[^?]*\.json(\?|$)") {
    set bereq.first_byte_timeout = 60s;
  } elsif (bereq.url ~ "^/v1" && bereq.http.Accept !~ "^(\*/\*|text/html(,\*/\*;q=0\.8)?)$") {
    set bereq.first_byte_timeout = 60s;
  }
}

sub vcl_pipe {
  set bereq.http.Connection = "close";  # what follows on the connection would be piped, too
}

sub vcl_backend_response {
  set beresp.grace = 3s;
  if (beresp.http.Cache-Control ~ "stale-if-error") { set beresp.grace = 7d; }  # what a lagging replica said has none
  if (beresp.status == 429 || beresp.status >= 500) {
    # An older answer is better, and whatever is delivered replaces it. So nothing is, and the request is asked again.
    if (bereq.is_bgfetch || !bereq.http.X-Misconduct-Last) { return (abandon); }
    set beresp.ttl = 0s;
    set beresp.grace = 0s;
    return (deliver);
  }
  # What is longer than 300 kB, or has no length, is not kept, and fetched as fast as it is read: a few dozen slow readers would
  # take all memory, and answers to others break off.
  if (beresp.http.Content-Length !~ "^([0-9]{1,5}|[12][0-9]{5})$" && beresp.status != 204 && beresp.status != 304) {
    if (bereq.is_bgfetch) { return (abandon); }
    if (!bereq.http.X-Misconduct-Is-Long) { return (error(413, "Long")); }
    set beresp.uncacheable = true;
  }
  # A client of HTTP/1.0, for whom it is unpacked, would not see that it breaks off.
  set beresp.do_stream = false;
  if (beresp.http.Cache-Control ~ "no-store") {
    # Not even that it is not kept: there is no end of addresses that do not exist, and it would hide an older answer.
    set beresp.uncacheable = true;
    set beresp.ttl = 0s;
    set beresp.grace = 0s;
    return (deliver);
  }
}

sub vcl_backend_error {
  if (beresp.status == 413) {
    set beresp.uncacheable = true;
    set beresp.ttl = 0s;
    set beresp.grace = 0s;
    return (deliver);
  }
  # The service has just stopped, and the probe does not know it yet. What is delivered would replace an older answer here too.
  if (bereq.is_bgfetch || !bereq.http.X-Misconduct-Last) { return (abandon); }
}

sub vcl_synth {
  if (resp.status == 503 && req.restarts == 0) { return (restart); }
}

sub vcl_deliver {
  if (resp.status == 413 && resp.reason == "Long") {
    set req.http.X-Misconduct-Is-Long = "1";
    return (restart);
  }
  set resp.http.X-Request-Id = req.xid;  # a copy has the id of whoever asked first
}
