"""What `config` is made of: the checks of a settings file, and the part that a report needs."""
