"""Pages of another origin in a real browser, which send what the published contracts say that the originals send."""
