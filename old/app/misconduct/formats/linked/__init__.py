"""Answers in the vocabularies of the linked-data world: Web Annotation, PROV, Atom."""
