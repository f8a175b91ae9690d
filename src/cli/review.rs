//! `faxtally review` and `faxtally reviewer`: the browser side and who may use it.

#[cfg(feature = "server")]
mod serve {
    use super::super::args::{ReviewArgs, ReviewerCommand, Survey};
    use super::super::console::{Console, write_out};
    use super::super::exit::{Exit, Failure};
    use super::super::heap;
    use super::super::people::{open, store_failure};
    use crate::lang::Lang;
    use crate::review::{ReviewError, Rules, Server, Settings, hash};
    use crate::store::Person;
    use tokio::sync::oneshot::{Receiver, channel};

    /// Shortest password that is taken: NIST SP 800-63B's least.
    const SHORTEST: usize = 8;

    pub fn review(console: &Console, args: &ReviewArgs) -> Result<Exit, Failure> {
        heap::hold_to_one();
        let store = open(console, &args.survey)?;
        let settings = Settings {
            host: args.host,
            port: args.port,
            names: args.names.iter().map(|n| n.to_ascii_lowercase()).collect(),
            lang: console.lang,
            owner: args.by.clone().unwrap_or_else(user),
            rules: Rules {
                audit: args.audit,
                double_share: args.double,
                double: args.double_questions.iter().cloned().collect(),
            },
        };
        let server = Server::new(store, settings).map_err(|e| failure(console, &e))?;
        // Before the address is out: who reads it may press Ctrl-C at once.
        let stopped = stop_on_signal();
        let url = server.url();
        write_out(console, None, |out| {
            writeln!(out, "{url}")?;
            out.flush()
        })?;
        if args.host.is_loopback() {
            console.info(console.lang.say(
                "このアドレスをブラウザーで開いてください（一度だけ使えます）。終えるには Ctrl-C",
                "open this address in a browser (it works once); Ctrl-C ends the server",
            ));
        } else {
            console.warn(console.lang.say(
                "通信は暗号化されません。外の網を通すときは TLS の中継を前に置いてください",
                "the connection is not encrypted: put a TLS proxy in front of it beyond your own network",
            ));
        }
        server.run(async move { drop(stopped.await) }).map_err(|e| failure(console, &e))?;
        Ok(Exit::Done)
    }

    /// Sent to by Ctrl-C or a termination; a second one ends the program at once.
    fn stop_on_signal() -> Receiver<()> {
        let (stop, stopped) = channel();
        let mut stop = Some(stop);
        // Without a handler a signal ends the program, which the store survives as well.
        let _ = ctrlc::set_handler(move || match stop.take() {
            Some(stop) => drop(stop.send(())),
            None => std::process::exit(i32::from(Exit::Interrupted as u8)),
        });
        stopped
    }

    fn user() -> String {
        let named = ["USER", "LOGNAME"].iter().find_map(|v| std::env::var(v).ok());
        named.filter(|n| !n.trim().is_empty()).unwrap_or_else(|| "reviewer".to_owned())
    }

    fn failure(console: &Console, e: &ReviewError) -> Failure {
        let ja = match e {
            ReviewError::Store(e) => return store_failure(console, e),
            ReviewError::NoAccounts(host) => format!(
                "{host} はほかのコンピューターから届きます。先に faxtally reviewer add 名前 で全員の名前を登録してください"
            ),
            ReviewError::Listen { address, source } => {
                format!(
                    "{address} で待ち受けられません（{source}）。--port で別の番号を指定してください"
                )
            }
            ReviewError::Serve(e) => format!("サーバーが止まりました（{e}）"),
            ReviewError::Gate(e) => format!("入口を用意できません（{e}）"),
        };
        let en = match e {
            ReviewError::NoAccounts(_) => format!("{e}: faxtally reviewer add NAME"),
            ReviewError::Listen { .. } => format!("{e}; choose another with --port"),
            e => e.to_string(),
        };
        Failure::usage(console.lang.say(&ja, &en))
    }

    pub fn reviewer(console: &Console, command: &ReviewerCommand) -> Result<Exit, Failure> {
        match command {
            ReviewerCommand::Add { name, survey } => {
                let phc = hash(&password(console)?).map_err(|e| Failure::usage(e.to_string()))?;
                set(console, survey, name, phc)
            }
            ReviewerCommand::Remove { name, survey } => set(console, survey, name, String::new()),
            ReviewerCommand::List { survey } => list(console, survey),
        }
    }

    fn password(console: &Console) -> Result<String, Failure> {
        if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
            console.info(console.lang.say(
                "パスワードを入力して Enter（画面に表示されます）",
                "type the password, then Enter (it is shown)",
            ));
        }
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map_err(|e| Failure::usage(e.to_string()))?;
        let password = line.trim_end_matches(['\r', '\n']).to_owned();
        if password.chars().count() < SHORTEST {
            return Err(Failure::usage(match console.lang {
                Lang::Ja => format!("パスワードは {SHORTEST} 文字以上にしてください"),
                Lang::En => format!("a password has at least {SHORTEST} characters"),
            }));
        }
        Ok(password)
    }

    fn set(console: &Console, survey: &Survey, name: &str, phc: String) -> Result<Exit, Failure> {
        let name = name.trim();
        if name.is_empty() || name == "-" || name.chars().any(char::is_control) {
            let what = console.lang.say("名前に使えません", "this cannot be a name");
            return Err(Failure::usage(format!("{what}: {name:?}")));
        }
        let store = open(console, survey)?;
        let person = Person { name: name.to_owned(), phc };
        store.set_person(person).map_err(|e| store_failure(console, &e))?;
        Ok(Exit::Done)
    }

    fn list(console: &Console, survey: &Survey) -> Result<Exit, Failure> {
        let people = open(console, survey)?.people().map_err(|e| store_failure(console, &e))?;
        write_out(console, None, |out| {
            people
                .iter()
                .filter(|p| !p.phc.is_empty())
                .try_for_each(|p| writeln!(out, "{}", p.name))
        })?;
        Ok(Exit::Done)
    }
}

#[cfg(feature = "server")]
pub use serve::{review, reviewer};

#[cfg(not(feature = "server"))]
mod missing {
    use super::super::args::{ReviewArgs, ReviewerCommand};
    use super::super::console::Console;
    use super::super::exit::{Exit, Failure};

    fn missing(console: &Console) -> Failure {
        Failure::usage(console.lang.say(
            "この faxtally は server 機能なしで作られています",
            "this faxtally was built without its feature `server`",
        ))
    }

    pub fn review(console: &Console, _: &ReviewArgs) -> Result<Exit, Failure> {
        Err(missing(console))
    }

    pub fn reviewer(console: &Console, _: &ReviewerCommand) -> Result<Exit, Failure> {
        Err(missing(console))
    }
}

#[cfg(not(feature = "server"))]
pub use missing::{review, reviewer};
