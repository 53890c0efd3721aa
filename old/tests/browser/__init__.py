"""The pages and charts in a real browser: headless Chromium, two origins, nothing else reachable."""
