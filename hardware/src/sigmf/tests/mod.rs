mod files;
mod hostile;
mod replay;
mod support;
mod transmission;
