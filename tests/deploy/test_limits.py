"""What nginx.conf says again about texts is what the service allows."""

from misconduct.api.received import MAX_BYTES, MAX_CHARACTERS

from ..conftest import ROOT


def test_nginx_has_the_limits_of_texts():
    conf = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")
    assert f"an article of at most {MAX_CHARACTERS:,} characters" in conf
    assert f"client_max_body_size {MAX_BYTES // 1000}k;" in conf
