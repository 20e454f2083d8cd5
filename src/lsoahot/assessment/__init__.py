"""An assessment on disk: which files, how they are made, how they come to stand in the folder."""
