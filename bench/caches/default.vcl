# Varnish as an HTTP cache in front of the service. The bench fills in @HOST@ and @PORT@. The service needs no cookies,
# lists in Vary the headers that determine an answer, and says for how long an older answer may be served instead.
vcl 4.1;

backend default { .host = "@HOST@"; .port = "@PORT@"; }

sub vcl_recv {
  unset req.http.Cookie;
}

sub vcl_backend_response {
  # Longer than stale-while-revalidate: an earlier answer is better than none while the service restarts.
  set beresp.grace = 1h;
}
