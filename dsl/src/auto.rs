/// docs
#[macro_export]
macro_rules! auto {
    ($($token:tt)*) => { $crate::__private::auto! { ($crate) $($token)* } };
}
