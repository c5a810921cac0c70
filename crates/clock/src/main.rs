fn main() -> std::process::ExitCode {
    function_host::run::<clock::ClockRole>()
}
