# Varnish as an HTTP cache in front of the service. @HOST@ and @PORT@ are filled in by the bench. The service needs no
# cookies, says in Vary what decides an answer, and how long an older one may stand in.
vcl 4.1;

backend default { .host = "@HOST@"; .port = "@PORT@"; }

sub vcl_recv {
  unset req.http.Cookie;
}

sub vcl_backend_response {
  # Longer than stale-while-revalidate: an answer of before is better than none while the service restarts.
  set beresp.grace = 1h;
}
