"""The sections of an inspection page, one for each view: pictures with explanations."""
