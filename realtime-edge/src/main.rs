fn main() -> std::process::ExitCode {
    function_host::run::<realtime_edge::Edge>()
}
