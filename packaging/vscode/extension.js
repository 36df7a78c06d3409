// Starts `cowshed language-server` and lets VS Code talk with it; everything else is the server's.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = function () {
  const settings = workspace.getConfiguration("cowshed");
  const [command, ...args] = settings.get("command");
  client = new LanguageClient(
    "cowshed",
    "Cowshed",
    { command, args },
    {
      documentSelector: [{ language: "apptainer" }],
      initializationOptions: settings,
      synchronize: { configurationSection: "cowshed" },
    },
  );
  return client.start();
};

exports.deactivate = function () {
  return client?.stop();
};
