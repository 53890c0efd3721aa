"""Read and verify releases: folders of files that never change."""
